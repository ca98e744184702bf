/** Translates errors of S3 and of the connection: what was expected, what was received, whether to retry. */
import {
  type Bucket,
  ObjectExists,
  ObjectNotFound,
  ObjectStoreError,
  RangeNotSatisfiable,
} from '../object-store.ts'

export interface Attempt {
  bucket: Bucket
  key?: string
  /** Completes "expected ... to work": `reading small/a`. */
  doing: string
  /** The server's address. */
  where: string
}

interface FromSdk extends Error {
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number }
  code?: string
}

/** The last one is versitygw's. */
const wrongCredentials = /^(InvalidAccessKeyId|SignatureDoesNotMatch|XAdminUserNotFound)/
/** Of temporary credentials: the metadata service or STS did not answer, or was not asked for new ones in time. It will be. */
const staleCredentials =
  /^(CredentialsProviderError|ProviderError|TokenProviderError|ExpiredToken|InvalidToken|TokenRefreshRequired)/
const unreachable =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ERR_TLS.*|CERT_.*|.*_CERT.*|TimeoutError)$/

export function s3Error(error: unknown, { bucket, key, doing, where }: Attempt): unknown {
  if (!(error instanceof Error) || error instanceof ObjectStoreError || error.name === 'AbortError')
    return error
  const { name, code = '', message, $metadata, $response } = error as FromSdk
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const fail = (ours: string, expected: string, retryable: boolean) =>
    new ObjectStoreError(ours, `expected ${expected} for ${doing}, got ${name} ${message}`.trim(), {
      retryable,
      cause: error,
    })

  if (wrongCredentials.test(name) || staleCredentials.test(name)) {
    return fail(
      'store_credentials',
      `credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or a profile) that ${where} accepts`,
      staleCredentials.test(name),
    )
  }
  if (name === 'NoSuchBucket')
    return fail('store_bucket_missing', `a bucket for "${bucket}" at ${where}`, false)
  if (key !== undefined) {
    if (name === 'NoSuchKey' || status === 404) return new ObjectNotFound(bucket, key, error)
    if (status === 412) return new ObjectExists(bucket, key, error)
    if (status === 416) return new RangeNotSatisfiable(bucket, key, 'a range beyond its end', error)
  }
  if (status === 409) return fail('store_conflict', 'nobody else to write the same key', true)
  if (status === 301 || name === 'AuthorizationHeaderMalformed')
    return fail('store_region', `S3_REGION to be the buckets' region`, false)
  if (status === 401 || status === 403) return fail('store_forbidden', `permission at ${where}`, false)
  if (unreachable.test(code) || unreachable.test(name))
    return fail('store_unreachable', `an S3 server at ${where}`, true)
  if (status === 429 || status === 503 || name === 'SlowDown')
    return fail('store_busy', `${where} to take requests`, true)
  if (name === 'EntityTooLarge') return fail('object_too_large', 'an object within the size limit', false)
  if (status !== undefined) return fail('store_error', `${where} to work`, status >= 500)
  return error
}
