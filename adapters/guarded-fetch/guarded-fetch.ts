/** Fetches untrusted URLs: public addresses only, with limits on bytes, time and redirects. */
import { Agent, type Dispatcher, request } from 'undici'
import { endingWith } from '../ending.ts'
import type { Environment } from '../environment.ts'
import { type AllowedHost, isAllowedHost, parseAllowedHost } from './allowed-hosts.ts'
import { guardedConnector, type Resolve } from './connector.ts'
import { failureOf, statusFailure } from './failure.ts'
import { FetchError } from './fetch-error.ts'

export { FetchError, type FetchErrorCode } from './fetch-error.ts'

export interface GuardedFetchOptions {
  /** `host` or `host:port` allowed although private. Default: none. */
  allowHosts?: readonly string[]
  /** Limit of a body. Default 20 MiB. */
  maxBytes?: number
  /** Total time: lookups, connections, redirects, body. Default 60,000. */
  timeoutMs?: number
  /** Default 5. */
  maxRedirects?: number
  /** Resolver. Default: the system's. */
  resolve?: Resolve
}

export interface GuardedRequest {
  signal?: AbortSignal
  /** Overrides the default for this request. */
  maxBytes?: number
  /** Sends a POST instead of a GET. Any 2xx is then a success, and redirects are not followed. */
  post?: { body: string; headers: Record<string, string> }
  /** Bytes received and total; the total is 0 if the server does not say. */
  onProgress?: (done: number, total: number) => void
}

export interface Fetched {
  bytes: Uint8Array
  /** As sent by the server, lower case, without parameters; `application/octet-stream` if absent. Not to be trusted. */
  contentType: string
  /** URL after redirects. */
  finalUrl: string
}

/** @throws {FetchError}, or the signal's reason */
export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<Fetched>

export function guardedFetchFor({
  fetchAllowHosts,
  limits,
}: Pick<Environment, 'fetchAllowHosts' | 'limits'>): GuardedFetch {
  return createGuardedFetch({
    allowHosts: fetchAllowHosts,
    maxBytes: limits.pictureBytes,
    timeoutMs: limits.fetchTimeoutMs,
  })
}

export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { maxRedirects = 5, timeoutMs = 60_000, resolve } = options
  const allowed = (options.allowHosts ?? []).map((text) => {
    const host = parseAllowedHost(text)
    if (host === undefined)
      throw new TypeError(`expected host or host:port to allow, got ${JSON.stringify(text)}`)
    return host
  })
  // An agent of our own, which ignores HTTP_PROXY: behind a proxy, addresses could not be checked.
  const agent = new Agent({
    connect: guardedConnector({
      allowed,
      connectTimeoutMs: Math.min(10_000, timeoutMs),
      ...(resolve && { resolve }),
    }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16 * 1024,
    keepAliveTimeout: 4_000,
  })

  return async (text, { signal, post, onProgress, maxBytes = options.maxBytes ?? 20 * 1024 * 1024 } = {}) => {
    signal?.throwIfAborted()
    using ending = endingWith(...(signal ? [signal] : []))
    let url = checkedUrl(text, allowed)
    const timer = setTimeout(ending.end, timeoutMs)
    try {
      for (let hop = 0; ; hop++) {
        const answer = await ask(agent, url, ending.signal, post)
        const next = redirectOf(answer, url, allowed)
        if (next === undefined) {
          const bytes = await read(answer, url, maxBytes, onProgress, post !== undefined)
          return { bytes, contentType: contentTypeOf(answer), finalUrl: url.href }
        }
        drop(answer)
        const most = post ? 0 : maxRedirects
        if (hop === most) {
          throw new FetchError(
            'too_many_redirects',
            `expected at most ${most} redirects, got one more to ${next.host}`,
          )
        }
        url = next
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (ending.signal.aborted) {
        throw new FetchError(
          'fetch_timeout',
          `expected a complete answer from ${url.host} within ${timeoutMs} ms`,
          {
            retryable: true,
            cause: error,
          },
        )
      }
      throw failureOf(error, url.host)
    } finally {
      clearTimeout(timer)
    }
  }
}

async function ask(
  agent: Agent,
  url: URL,
  signal: AbortSignal,
  post: GuardedRequest['post'],
): Promise<Dispatcher.ResponseData> {
  const own = { 'accept-encoding': 'identity', 'user-agent': 'mosaicme' }
  if (post)
    return request(url, {
      dispatcher: agent,
      signal,
      method: 'POST',
      headers: { ...post.headers, ...own },
      body: post.body,
    })
  return request(url, {
    dispatcher: agent,
    signal,
    // No fragment, and no compression, since a body could grow when unpacked.
    headers: { accept: 'image/*,*/*;q=0.5', ...own },
  })
}

const longestUrl = 8_192
const ordinaryPorts = new Set(['', '80', '443'])

function checkedUrl(text: string, allowed: readonly AllowedHost[], base?: URL): URL {
  const invalid = (expected: string) =>
    new FetchError('url_invalid', `expected ${expected}, got ${JSON.stringify(text.slice(0, 100))}`)
  if (text.length > longestUrl) throw invalid(`an address of at most ${longestUrl} characters`)
  if (!URL.canParse(text, base?.href)) throw invalid('an http or https address')
  const url = new URL(text, base?.href)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('an http or https address')
  if (url.username !== '' || url.password !== '')
    throw new FetchError('url_invalid', 'expected an address without a user name and password')
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  // Web servers use these and ports above 1023. Mail, name and login servers below can be attacked through HTTP.
  if (!ordinaryPorts.has(url.port) && port < 1024 && !isAllowedHost(allowed, url.hostname, port)) {
    throw new FetchError('port_forbidden', `expected port 80, 443 or one above 1023, got ${port}`)
  }
  return url
}

function redirectOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  url: URL,
  allowed: readonly AllowedHost[],
): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  const location = one(headers.location)
  return location === undefined ? undefined : checkedUrl(location, allowed, url)
}

async function read(
  answer: Dispatcher.ResponseData,
  url: URL,
  maxBytes: number,
  onProgress: GuardedRequest['onProgress'],
  posted: boolean,
): Promise<Uint8Array> {
  const { statusCode, headers, body } = answer
  try {
    const fits = posted ? statusCode >= 200 && statusCode < 300 : statusCode === 200
    if (!fits) throw statusFailure(statusCode, one(headers['retry-after']), url.host)
    const encoding = one(headers['content-encoding'])?.toLowerCase() ?? 'identity'
    if (encoding !== 'identity') {
      throw new FetchError(
        'encoding_unsupported',
        `expected an uncompressed body from ${url.host}, got content encoding ${encoding}`,
      )
    }
    const total = Number(one(headers['content-length']) ?? 0)
    const tooLarge = (bytes: number) =>
      new FetchError(
        'response_too_large',
        `expected at most ${maxBytes} bytes from ${url.host}, got ${bytes}${bytes === total ? '' : ' or more'}`,
      )
    if (total > maxBytes) throw tooLarge(total)
    const chunks: Uint8Array[] = []
    let done = 0
    for await (const chunk of body) {
      done += chunk.length
      if (done > maxBytes) throw tooLarge(done)
      chunks.push(chunk)
      onProgress?.(done, total)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    drop(answer)
    throw error
  }
}

/** Closes the connection of a body that nobody will read. */
function drop({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined)
  body.destroy()
}

function contentTypeOf({ headers }: Dispatcher.ResponseData): string {
  const type = one(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() ?? ''
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type : 'application/octet-stream'
}

const one = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)
