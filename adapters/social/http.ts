/** Calls to networks with a JSON API over HTTP, and their errors. */
import { setTimeout as delay } from 'node:timers/promises'
import { endingWith } from '../ending.ts'
import { SocialError } from './social-error.ts'

export interface Server {
  /** Name for messages. */
  name: string
  /** URL without a trailing slash, such as `https://mastodon.example`. */
  url: string
  /** Completes "Is ... right?", if it does not accept our credentials. */
  credentials: string
}

export interface Call {
  method?: 'GET' | 'POST'
  query?: Record<string, string | number | readonly string[] | undefined>
  json?: object | undefined
  form?: FormData | undefined
  bytes?: Uint8Array | undefined
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

/** Timeout of a call, ms. Uploading a picture takes longest. */
const patienceMs = 20_000

/**
 * @param doing completes "Expected Mastodon to ...": `accept the reply`
 * @throws {SocialError} with `maybeDone` if a call that changes something may have been carried out
 */
export async function ask<T>(
  server: Server,
  accessToken: string | undefined,
  doing: string,
  path: string,
  { method = 'GET', query = {}, json, form, bytes, headers = {}, signal }: Call = {},
): Promise<{ data: T; status: number }> {
  using ending = endingWith(...(signal ? [signal] : []))
  const late = setTimeout(() => ending.end(new Error('too late')), patienceMs)
  try {
    const response = await fetch(addressOf(server.url, path, query), {
      ...{ method, signal: ending.signal, redirect: 'error' as const },
      headers: {
        ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
        Accept: 'application/json',
        ...(json && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...bodyOf({ json, form, bytes }),
    })
    const text = await response.text()
    if (!response.ok) throw refused(server, response, text, doing)
    return { data: parse<T>(server, text, doing), status: response.status }
  } catch (error) {
    if (error instanceof SocialError) throw error
    signal?.throwIfAborted()
    throw lost(server, error, doing)
  } finally {
    clearTimeout(late)
  }
}

function bodyOf({ json, form, bytes }: Pick<Call, 'json' | 'form' | 'bytes'>): { body?: BodyInit } {
  if (json) return { body: JSON.stringify(json) }
  if (form) return { body: form }
  return bytes ? { body: new Uint8Array(bytes) } : {}
}

export function addressOf(url: string, path: string, query: NonNullable<Call['query']>): URL {
  const address = new URL(path, `${url}/`)
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) address.searchParams.append(`${name}[]`, one)
    else if (value !== undefined) address.searchParams.set(name, String(value))
  }
  return address
}

function parse<T>({ name }: Server, text: string, doing: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new SocialError(
      'social_unavailable',
      `Expected ${name} to ${doing}, but it did not answer with JSON.`,
      {
        maybeDone: true,
      },
    )
  }
}

/** Errors of `fetch` contain neither URL nor token; still, only the code is passed on. */
export function lost({ name }: Server, error: unknown, doing: string): SocialError {
  const code = codeOf(error)
  // The request never arrived.
  const undelivered = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)
  return new SocialError(
    undelivered ? 'social_unreachable' : 'social_connection_lost',
    `Expected ${name} to ${doing}, but ${undelivered ? `it could not be reached (${code})` : 'the connection broke before it responded'}.`,
    { maybeDone: !undelivered },
  )
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code
  return ''
}

export function refused(
  { name, credentials }: Server,
  response: Response,
  text: string,
  doing: string,
  now = Date.now(),
): SocialError {
  const { status } = response
  const said = reasonOf(text)
  const sentence =
    `Expected ${name} to ${doing}, but it answered ${status}${said ? `: ${said}` : ''}`.replace(/\.?$/, '.')
  const retryAfterSeconds = retryAfterOf(response.headers, now)
  switch (status) {
    case 401:
      return new SocialError('social_unauthorized', `${sentence} Is ${credentials} right?`)
    case 402:
      return new SocialError('social_payment_required', sentence)
    case 403:
      return new SocialError('social_forbidden', sentence)
    case 404:
    case 410:
      return new SocialError('social_post_gone', sentence, { retryable: false })
    case 429:
      return new SocialError('social_rate_limited', sentence, { retryAfterSeconds })
    default:
      if (status >= 500)
        return new SocialError('social_unavailable', sentence, { retryAfterSeconds, maybeDone: true })
      return new SocialError('social_refused', sentence, { retryable: false })
  }
}

function reasonOf(text: string): string {
  try {
    const { error = '', message = '' } = JSON.parse(text) as { error?: string; message?: string }
    return [error, message].filter((part) => part !== '').join(': ')
  } catch {
    return ''
  }
}

/** Seconds, from `Retry-After` or from the time at which the limit resets: RFC 3339, or seconds since 1970. */
function retryAfterOf(headers: Headers, now: number): number | undefined {
  const after = headers.get('Retry-After')
  if (after !== null && /^\d+$/.test(after)) return Number(after)
  const seconds = Number(headers.get('RateLimit-Reset') ?? Number.NaN)
  const reset = Number.isNaN(seconds) ? Date.parse(headers.get('X-RateLimit-Reset') ?? '') : seconds * 1000
  return Number.isNaN(reset) ? undefined : Math.max(1, Math.ceil((reset - now) / 1000))
}

export const pause = (ms: number, signal?: AbortSignal) =>
  delay(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
