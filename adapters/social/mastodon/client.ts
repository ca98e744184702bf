/** Calls of a Mastodon server's API: https://docs.joinmastodon.org/client/intro/ */
import { setTimeout as delay } from 'node:timers/promises'
import { endingWith } from '../../ending.ts'
import { SocialError } from '../social-error.ts'

export interface MastodonOptions {
  /** The server's address without a final slash, such as `https://mastodon.example`. */
  url: string
  accessToken: string
}

export interface Ask {
  method?: 'GET' | 'POST'
  query?: Record<string, string | number | readonly string[] | undefined>
  json?: object
  form?: FormData
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

/** ms, of one call. A picture on its way up takes the longest. */
const patienceMs = 20_000

/**
 * @param doing completes "Mastodon did not ...": `take the reply`
 * @throws {SocialError} with `maybeDone` when a call that changes something may have been carried out
 */
export async function ask<T>(
  { url, accessToken }: MastodonOptions,
  doing: string,
  path: string,
  { method = 'GET', query = {}, json, form, headers = {}, signal }: Ask = {},
): Promise<{ data: T; status: number }> {
  using ending = endingWith(...(signal ? [signal] : []))
  const late = setTimeout(() => ending.end(new Error('too late')), patienceMs)
  try {
    const response = await fetch(addressOf(url, path, query), {
      ...{ method, signal: ending.signal, redirect: 'error' as const },
      headers: {
        Authorization: `Bearer ${accessToken}`,
        Accept: 'application/json',
        ...(json && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json ? { body: JSON.stringify(json) } : form && { body: form }),
    })
    const text = await response.text()
    if (!response.ok) throw refused(response, text, doing)
    return { data: parse<T>(text, doing), status: response.status }
  } catch (error) {
    if (error instanceof SocialError) throw error
    signal?.throwIfAborted()
    throw lost(error, doing)
  } finally {
    clearTimeout(late)
  }
}

export function addressOf(url: string, path: string, query: NonNullable<Ask['query']>): URL {
  const address = new URL(path, `${url}/`)
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) address.searchParams.append(`${name}[]`, one)
    else if (value !== undefined) address.searchParams.set(name, String(value))
  }
  return address
}

function parse<T>(text: string, doing: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new SocialError('social_unavailable', `Expected Mastodon to ${doing}, it answered no JSON.`, {
      maybeDone: true,
    })
  }
}

/** Neither address nor token is in what `fetch` throws; still, only its code leaves this file. */
export function lost(error: unknown, doing: string): SocialError {
  const code = codeOf(error)
  // Nobody was there to hear it.
  const unheard = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)
  return new SocialError(
    unheard ? 'social_unreachable' : 'social_connection_lost',
    `Expected Mastodon to ${doing}, ${unheard ? `it could not be reached (${code})` : 'the connection broke before its answer'}.`,
    { maybeDone: !unheard },
  )
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code
  return ''
}

export function refused(response: Response, text: string, doing: string, now = Date.now()): SocialError {
  const { status } = response
  const said = /^\s*\{/.test(text) ? ((JSON.parse(text) as { error?: string }).error ?? '') : ''
  const sentence = `Expected Mastodon to ${doing}, it answered ${status}${said ? `: ${said}` : ''}`.replace(
    /\.?$/,
    '.',
  )
  const retryAfterSeconds = askedFor(response.headers, now)
  switch (status) {
    case 401:
      return new SocialError('social_unauthorized', `${sentence} Is MASTODON_ACCESS_TOKEN right?`)
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

/** Seconds, by `Retry-After`, or by the moment at which the server counts anew (RFC 3339). */
function askedFor(headers: Headers, now: number): number | undefined {
  const after = headers.get('Retry-After')
  if (after !== null && /^\d+$/.test(after)) return Number(after)
  const reset = Date.parse(headers.get('X-RateLimit-Reset') ?? '')
  return Number.isNaN(reset) ? undefined : Math.max(1, Math.ceil((reset - now) / 1000))
}

export const pause = (ms: number, signal?: AbortSignal) =>
  delay(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
