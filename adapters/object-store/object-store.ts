/**
 * The object store: the source of truth for everything that mosaicme keeps.
 *
 * Four buckets, as in the older system. A key is a `/`-separated path without empty, `.` or `..`
 * segments, at most 1,024 bytes of UTF-8. Every driver passes the same contract suite.
 */
import type { Readable } from 'node:stream'

/** `in`: requests and the work of running jobs; `raw`: tile photos; `large`, `small`: finished mosaics. */
export type Bucket = 'in' | 'raw' | 'large' | 'small'

export const buckets = ['in', 'raw', 'large', 'small'] as const satisfies readonly Bucket[]

export interface ObjectInfo {
  bucket: Bucket
  key: string
  /** Bytes. */
  size: number
  /** Strong entity tag, quotes included. Changes whenever the bytes change. */
  etag: string
  contentType: string
  modifiedAt: Date
  /** User metadata: any Unicode, unchanged. Names are lower-case ASCII. Empty in listings. */
  metadata: Record<string, string>
}

export interface PutOptions {
  /** Default `application/octet-stream`. */
  contentType?: string
  metadata?: Record<string, string>
  /** `create`: fails with {@link ObjectExists} if the key is taken. Default: replaces atomically. */
  mode?: 'replace' | 'create'
  /**
   * `false`: faster, for objects that can be made again. A power failure may damage such an object, so readers must compare it with
   * a hash of their own and expect {@link ObjectDamaged}. Default `true`: a complete object or none.
   */
  synced?: boolean
  /** Aborts the transfer and leaves nothing behind. */
  signal?: AbortSignal
}

export interface GetOptions {
  /** Bytes `start`..`end`, both inclusive, as in HTTP. Without `end`: to the last byte. */
  range?: { start: number; end?: number }
  signal?: AbortSignal
}

export interface ListOptions {
  prefix?: string
  /** Continue after this key (exclusive). */
  after?: string
  /** At most this many, 1..1000. Default 1000. */
  limit?: number
}

export interface ObjectStore {
  /** One line for people, without secrets: `directory ./data/objects`, `S3 at http://127.0.0.1:7070`. */
  readonly description: string
  /** Stores a complete object or nothing. Streams may have any length; large ones are uploaded in parts. */
  put(bucket: Bucket, key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<ObjectInfo>
  /** @throws {ObjectNotFound}, {@link RangeNotSatisfiable}, {@link ObjectDamaged} */
  get(bucket: Bucket, key: string, options?: GetOptions): Promise<ObjectInfo & { body: Readable }>
  head(bucket: Bucket, key: string): Promise<ObjectInfo | undefined>
  /** In byte order of the keys' UTF-8, including damaged objects. `next` is present while there may be more: pass it as `after`. */
  list(bucket: Bucket, options?: ListOptions): Promise<{ objects: ObjectInfo[]; next?: string }>
  /** Server-side if possible; keeps the source's metadata unless given. Atomic like `put`. @throws {ObjectNotFound} */
  copy(
    from: { bucket: Bucket; key: string },
    to: { bucket: Bucket; key: string },
    options?: PutOptions,
  ): Promise<ObjectInfo>
  /** A repeat is a no-op. */
  delete(bucket: Bucket, keys: string | readonly string[]): Promise<void>
  /** A temporary link that anybody can GET, or `undefined` if the store has no public endpoint. */
  link(bucket: Bucket, key: string, options: { expiresInSeconds: number }): Promise<string | undefined>
  /** Creates missing folders or buckets, and checks that it can write. Throws a readable error. */
  open(): Promise<void>
  close(): Promise<void>
}

/** Base class of a store's errors. `retryable`: whether the same call may succeed later. */
export class ObjectStoreError extends Error {
  readonly code: string
  readonly retryable: boolean
  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

export class ObjectNotFound extends ObjectStoreError {
  constructor(bucket: Bucket, key: string, cause?: unknown) {
    super('object_not_found', `expected an object at ${bucket}/${key}, but there is none`, { cause })
  }
}

/** There is something in its place, but not all of it. */
export class ObjectDamaged extends ObjectStoreError {
  constructor(what: string) {
    super('object_damaged', what)
  }
}

export class ObjectExists extends ObjectStoreError {
  constructor(bucket: Bucket, key: string, cause?: unknown) {
    super('object_exists', `expected ${bucket}/${key} to be free, but an object is already there`, { cause })
  }
}

export class RangeNotSatisfiable extends ObjectStoreError {
  constructor(bucket: Bucket, key: string, range: string, cause?: unknown) {
    super('range_not_satisfiable', `expected a range within ${bucket}/${key}, got ${range}`, { cause })
  }
}

export class InvalidKey extends ObjectStoreError {
  constructor(key: string, reason: string) {
    super('invalid_key', `expected a key of plain path segments, got ${JSON.stringify(key)}: ${reason}`)
  }
}
