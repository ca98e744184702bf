import { wrongValue } from '../problems.ts'

/**
 * An address that a worker may try. Whether it leads anywhere, and not into a private network, is seen when it is
 * fetched: an answer now would be no answer then.
 */
export function pictureUrl(text: string, pointer: string): string {
  if (!URL.canParse(text))
    throw wrongValue(
      'invalid_url',
      pointer,
      `Expected an absolute http or https address, received ${JSON.stringify(text.slice(0, 200))}.`,
    )
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw wrongValue(
      'invalid_url',
      pointer,
      `Expected an http or https address, received a ${url.protocol} one.`,
    )
  if (url.username !== '' || url.password !== '')
    throw wrongValue(
      'invalid_url',
      pointer,
      'Expected an address without a user name and password, because it is stored and shown.',
    )
  url.hash = ''
  return url.href
}
