/** Authentication: OAuth 1.0a (RFC 5849) with signature check, or the app's bearer token (RFC 6750). */
import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export const credentials = {
  consumerKey: 'fake-consumer-key',
  consumerSecret: 'fake-consumer-secret',
  accessToken: '4200-fake-access-token',
  accessSecret: 'fake-access-secret',
  bearerToken: 'fake-bearer-token',
} as const

export type Caller = 'user' | 'app'

/** `undefined`: X answers 401. */
export function callerOf(request: IncomingMessage, url: URL): Caller | undefined {
  const header = request.headers.authorization ?? ''
  if (header === `Bearer ${credentials.bearerToken}`) return 'app'
  if (!header.startsWith('OAuth ')) return undefined
  const given = new Map(
    [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
      name!,
      decodeURIComponent(value!),
    ]),
  )
  if (given.get('oauth_consumer_key') !== credentials.consumerKey) return undefined
  if (given.get('oauth_token') !== credentials.accessToken) return undefined
  const signature = given.get('oauth_signature')
  given.delete('oauth_signature')
  // Section 3.4.1.3: neither JSON nor multipart bodies are part of it.
  const pairs = [...given, ...url.searchParams]
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  const base = [
    request.method ?? '',
    `${url.origin}${url.pathname}`,
    pairs.map((pair) => pair.join('=')).join('&'),
  ]
  const key = `${percentEncode(credentials.consumerSecret)}&${percentEncode(credentials.accessSecret)}`
  const expected = createHmac('sha1', key).update(base.map(percentEncode).join('&')).digest('base64')
  return signature === expected ? 'user' : undefined
}

/** RFC 5849, section 3.6. */
const percentEncode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
