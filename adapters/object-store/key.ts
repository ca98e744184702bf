/** Validates keys, prefixes and ranges alike for all drivers. */
import {
  type Bucket,
  buckets,
  type GetOptions,
  InvalidKey,
  type ListOptions,
  ObjectStoreError,
  RangeNotSatisfiable,
} from './object-store.ts'

/** S3's limit. */
const maxKeyBytes = 1024
/** Characters that XML 1.0, which S3 uses for listings, cannot represent: control characters, U+FFFE and U+FFFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unlistable = /[\u0000-\u001f\u007f\ufffe\uffff]/

/** @throws {InvalidKey} */
export function checkKey(bucket: Bucket, key: string): void {
  checkBucket(bucket)
  checkText(key)
  const wrong = key.split('/').find((segment) => segment === '' || segment === '.' || segment === '..')
  if (wrong !== undefined)
    throw new InvalidKey(key, wrong === '' ? 'an empty segment' : `the segment ${wrong}`)
}

/** A prefix may end in the middle of a segment, and so may `after`. */
export function checkListing(bucket: Bucket, options: ListOptions): Required<ListOptions> {
  checkBucket(bucket)
  const { prefix = '', after = '', limit = 1000 } = options
  checkText(prefix)
  checkText(after)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new ObjectStoreError('invalid_limit', `expected a limit from 1 to 1000 for a listing, got ${limit}`)
  }
  return { prefix, after, limit }
}

function checkBucket(bucket: Bucket): void {
  if (buckets.includes(bucket)) return
  throw new ObjectStoreError(
    'invalid_bucket',
    `expected one of ${buckets.join(', ')}, got ${JSON.stringify(bucket)}`,
  )
}

function checkText(text: string): void {
  if (typeof text !== 'string') throw new InvalidKey(String(text), `a ${typeof text}`)
  if (!text.isWellFormed()) throw new InvalidKey(text, 'half of a surrogate pair')
  if (unlistable.test(text)) throw new InvalidKey(text, 'a control character')
  const bytes = Buffer.byteLength(text)
  if (bytes > maxKeyBytes) throw new InvalidKey(text, `${bytes} bytes, at most ${maxKeyBytes} fit`)
}

/** Rejects ranges that HTTP would silently treat as "everything". */
export function checkRange(bucket: Bucket, key: string, range: GetOptions['range']): void {
  if (range === undefined) return
  const { start, end = Number.MAX_SAFE_INTEGER } = range
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return
  throw new RangeNotSatisfiable(bucket, key, `${start}-${range.end ?? ''}`)
}
