import { wrongValue } from '../problems.ts'

/**
 * Checks the form of a URL that a worker will fetch. Whether it exists, and does not lead into a private network, is checked while
 * fetching: a result from now could be wrong by then.
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
