import { FetchError } from './fetch-error.ts'

const timeouts = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])
const tls = /^(ERR_TLS|ERR_SSL|CERT_|.*_CERT|.*_SIGNATURE$|.*SELF_SIGNED|UNABLE_TO_)|EPROTO/

/** Translates errors of the connection. */
export function failureOf(error: unknown, host: string): FetchError {
  if (error instanceof FetchError) return error
  const { cause, errors } = error as { cause?: unknown; errors?: unknown[] }
  if (cause instanceof FetchError) return cause
  // Several addresses were tried: report the first one's error.
  const first = (errors?.[0] ?? error) as { code?: string; message?: string; name?: string }
  const code = first.code ?? first.name ?? 'unknown'
  const fail = (ours: FetchError['code'], expected: string, retryable: boolean) =>
    new FetchError(ours, `expected ${expected}, got ${code}`, { retryable, cause: error })

  if (timeouts.has(code)) return fail('fetch_timeout', `${host} to answer in time`, true)
  if (code === 'ENOTFOUND' || code === 'ENODATA')
    return fail('dns_failed', `${host} to have an address`, false)
  if (code.startsWith('EAI_') || code === 'ESERVFAIL')
    return fail('dns_failed', `an answer about the name ${host}`, true)
  if (tls.test(code)) return fail('tls_failed', `a certificate for ${host} that can be trusted`, false)
  if (first.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return fail('response_invalid', `an HTTP answer from ${host}`, false)
  }
  return fail('connection_failed', `a connection to ${host} that lasts`, true)
}

const again = new Set([408, 425, 429, 500, 502, 503, 504])
const longestWaitSeconds = 24 * 3600

export function statusFailure(status: number, retryAfter: string | undefined, host: string): FetchError {
  const details: { retryable: boolean; status: number; retryAfterSeconds?: number } = {
    retryable: again.has(status),
    status,
  }
  const seconds = secondsOf(retryAfter)
  if (details.retryable && seconds !== undefined)
    details.retryAfterSeconds = Math.min(seconds, longestWaitSeconds)
  return new FetchError('http_status', `expected status 200 from ${host}, got ${status}`, details)
}

/** RFC 9110, 10.2.3: seconds or a date. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}
