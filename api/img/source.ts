/** The source of a signed address's picture, and whether it is allowed. */
import { Problem } from '../problems.ts'

export type ImgSource = { url: string } | { upload: string }

/**
 * Parses `plain/URL`, percent-encoded where necessary and optionally followed by `@EXTENSION`, or the URL in base64url, split
 * into any number of segments and optionally followed by `.EXTENSION`. A URL is http(s), or `upload:SHA256`.
 */
export function parseSource(segments: readonly string[]): { source: ImgSource; extension?: string } {
  const [first, ...rest] = segments
  if (first === undefined) throw unreadable('there is none')
  const [encoded, extension] =
    first === 'plain' ? splitAt(rest.join('/'), '@') : splitAt(segments.join(''), '.')
  const address = first === 'plain' ? decode(encoded) : Buffer.from(encoded, 'base64url').toString()
  return { source: read(address), ...(extension && { extension }) }
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.lastIndexOf(mark)
  // It may be part of the URL: only a short word counts as an extension.
  const extension = at < 0 ? '' : text.slice(at + 1)
  return /^[a-z]{3,4}$/.test(extension) ? [text.slice(0, at), extension] : [text, undefined]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('its percent encoding is wrong')
  }
}

function read(address: string): ImgSource {
  const upload = /^upload:([0-9a-f]{64})$/.exec(address)?.[1]
  if (upload) return { upload }
  if (!URL.canParse(address)) throw unreadable(JSON.stringify(address.slice(0, 200)))
  const { protocol, username, password, href } = new URL(address)
  if (!/^https?:$/.test(protocol) || username || password) throw unreadable(`a ${protocol} address`)
  return { url: href }
}

const unreadable = (what: string) =>
  new Problem('invalid_img_address', `Expected the address of a picture, http(s) or upload:SHA256: ${what}.`)

/**
 * @param allowed prefixes such as `https://example.org/photos/`. Compared component by component, since
 * `https://example.org` is also a prefix of `https://example.org.evil.example`.
 */
export function isAllowedSource(address: string, allowed: readonly string[]): boolean {
  const url = new URL(address)
  return allowed.some((prefix) => {
    const { protocol, host, pathname } = new URL(prefix)
    const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
    return (
      url.protocol === protocol &&
      url.host === host &&
      (url.pathname === pathname || url.pathname.startsWith(folder))
    )
  })
}
