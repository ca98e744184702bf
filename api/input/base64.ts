import { wrongValue } from '../problems.ts'

/**
 * Decodes base64 (RFC 4648, section 4) strictly, except that line breaks (RFC 2045) and the prefix of a `data:` URL are allowed.
 * `Buffer` alone ignores invalid characters, so that a typing error would become a damaged picture.
 * @throws {Problem} `invalid_base64`, naming the place
 */
export function decodeBase64(text: string, pointer: string): Buffer {
  const head = /^data:[^,]{0,200};base64,/i.exec(text)?.[0].length ?? 0
  const wrong = /[^A-Za-z0-9+/\s]/g
  wrong.lastIndex = head
  const found = wrong.exec(text)
  const padding = found === null ? '' : text.slice(found.index)
  if (found !== null && !/^={1,2}\s*$/.test(padding.slice(0, 64).trimEnd()))
    throw wrongValue(
      'invalid_base64',
      pointer,
      `Expected base64, received ${JSON.stringify(String.fromCodePoint(text.codePointAt(found.index)!))} at position ${found.index}.`,
    )
  const body = text.slice(head, found?.index).replace(/\s+/g, '')
  const padded = body.length + padding.trim().length
  if (body.length % 4 === 1 || (padding !== '' && padded % 4 !== 0))
    throw wrongValue(
      'invalid_base64',
      pointer,
      `Expected base64 in groups of four characters, received ${padded}: it is truncated.`,
    )
  return Buffer.from(body, 'base64')
}
