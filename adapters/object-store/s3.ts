/** The object store in S3: AWS, or any server that speaks its protocol. */
import type { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { S3Environment } from '../environment.ts'
import { abortable } from './abortable.ts'
import { checkKey, checkListing, checkRange } from './key.ts'
import { checkContentType, decodeMetadata, defaultContentType, encodeMetadata } from './metadata.ts'
import {
  type Bucket,
  buckets,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  ObjectNotFound,
  type ObjectStore,
  ObjectStoreError,
  type PutOptions,
} from './object-store.ts'
import { openBucket } from './s3/buckets.ts'
import { s3Error } from './s3/s3-error.ts'
import { upload } from './s3/upload.ts'

export interface S3Options extends S3Environment {
  /** Default: the AWS credential chain (environment, profile, container, instance). */
  credentials?: { accessKeyId: string; secretAccessKey: string }
}

/** S3's limits: lifetime of a link, keys per delete, bytes per copy. */
const maxLinkSeconds = 7 * 24 * 3600
const maxDeletes = 1000
const maxCopyBytes = 5 * 1024 ** 3

export class S3ObjectStore implements ObjectStore {
  readonly description: string
  readonly #client: S3Client
  readonly #options: S3Options
  readonly #where: string

  constructor(options: S3Options) {
    this.#options = options
    this.#where = options.endpoint ?? `AWS in ${options.region}`
    this.description = `S3 at ${this.#where}`
    const checksums = options.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED'
    const config: S3ClientConfig = {
      region: options.region,
      forcePathStyle: options.forcePathStyle,
      requestChecksumCalculation: checksums,
      responseChecksumValidation: checksums,
      // An idle timeout, not a total one: a large object may take any time as long as bytes arrive.
      requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
    }
    if (options.endpoint !== undefined) config.endpoint = options.endpoint
    if (options.credentials !== undefined) config.credentials = options.credentials
    this.#client = new S3Client(config)
  }

  async open(): Promise<void> {
    await Promise.all(
      buckets.map((bucket) =>
        this.#try({ bucket, doing: `opening the bucket ${this.#bucket(bucket)}` }, () =>
          openBucket(this.#client, this.#bucket(bucket), this.#options),
        ),
      ),
    )
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  /** With `create`, a retry after a lost response throws `ObjectExists`, although this call created the object. */
  async put(
    bucket: Bucket,
    key: string,
    body: Uint8Array | Readable,
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(bucket, key)
    const { contentType = defaultContentType, metadata = {}, mode, signal } = options
    const target = {
      Bucket: this.#bucket(bucket),
      Key: key,
      ContentType: checkContentType(contentType),
      Metadata: encodeMetadata(metadata),
      ...(mode === 'create' ? { IfNoneMatch: '*' } : {}),
    }
    const stored = await this.#try({ bucket, key, doing: `writing ${bucket}/${key}` }, () =>
      upload(this.#client, target, body, signal),
    )
    // S3 does not return the time of a write, so this one may differ by the clocks' difference.
    return { bucket, key, ...stored, contentType, modifiedAt: new Date(), metadata: { ...metadata } }
  }

  /** The body keeps a connection until it is read to the end or destroyed. */
  async get(bucket: Bucket, key: string, options: GetOptions = {}): Promise<ObjectInfo & { body: Readable }> {
    checkKey(bucket, key)
    const { range, signal } = options
    checkRange(bucket, key, range)
    return this.#try({ bucket, key, doing: `reading ${bucket}/${key}` }, async () => {
      const command = new GetObjectCommand({
        Bucket: this.#bucket(bucket),
        Key: key,
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end ?? ''}` }),
      })
      const answer = await this.#client.send(command, signal === undefined ? {} : { abortSignal: signal })
      const body = abortable(answer.Body as Readable, signal)
      const whole = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1]
      return { ...infoOf(bucket, key, answer), size: Number(whole ?? answer.ContentLength ?? 0), body }
    })
  }

  async head(bucket: Bucket, key: string): Promise<ObjectInfo | undefined> {
    checkKey(bucket, key)
    try {
      return await this.#try({ bucket, key, doing: `reading ${bucket}/${key}` }, async () =>
        infoOf(
          bucket,
          key,
          await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket(bucket), Key: key })),
        ),
      )
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  async list(bucket: Bucket, options: ListOptions = {}): Promise<{ objects: ObjectInfo[]; next?: string }> {
    const { prefix, after, limit } = checkListing(bucket, options)
    return this.#try({ bucket, doing: `listing ${bucket}` }, async () => {
      const { Contents = [], IsTruncated } = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket(bucket),
          MaxKeys: limit,
          ...(prefix === '' ? {} : { Prefix: prefix }),
          ...(after === '' ? {} : { StartAfter: after }),
        }),
      )
      const objects = Contents.map((item) =>
        infoOf(bucket, item.Key ?? '', { ...item, ContentLength: item.Size }),
      )
      const last = objects.at(-1)
      return IsTruncated && last !== undefined ? { objects, next: last.key } : { objects }
    })
  }

  async copy(
    from: { bucket: Bucket; key: string },
    to: { bucket: Bucket; key: string },
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(to.bucket, to.key)
    const source = await this.head(from.bucket, from.key)
    if (source === undefined) throw new ObjectNotFound(from.bucket, from.key)
    const { contentType = source.contentType, metadata = source.metadata, mode, signal } = options
    // Most servers ignore If-None-Match in copies; all that support conditional writes honour it in puts.
    if (mode === 'create') {
      const { body } = await this.get(from.bucket, from.key, signal === undefined ? {} : { signal })
      return this.put(to.bucket, to.key, body, { ...options, contentType, metadata })
    }
    if (source.size > maxCopyBytes) {
      throw new ObjectStoreError(
        'object_too_large',
        `expected at most 5 GiB to copy, got ${source.size} bytes`,
      )
    }
    return this.#try({ ...from, doing: `copying ${from.bucket}/${from.key}` }, async () => {
      const { CopyObjectResult } = await this.#client.send(
        new CopyObjectCommand({
          Bucket: this.#bucket(to.bucket),
          Key: to.key,
          CopySource: `${this.#bucket(from.bucket)}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
          // Always replaced, because an object may be copied onto itself to change its metadata.
          MetadataDirective: 'REPLACE',
          ContentType: checkContentType(contentType),
          Metadata: encodeMetadata(metadata),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      )
      const { ETag = source.etag, LastModified = new Date() } = CopyObjectResult ?? {}
      return {
        ...to,
        size: source.size,
        etag: quoted(ETag),
        contentType,
        modifiedAt: LastModified,
        metadata: { ...metadata },
      }
    })
  }

  async delete(bucket: Bucket, keys: string | readonly string[]): Promise<void> {
    const all = typeof keys === 'string' ? [keys] : keys
    for (const key of all) checkKey(bucket, key)
    const Bucket = this.#bucket(bucket)
    await this.#try({ bucket, doing: `deleting from ${bucket}` }, async () => {
      if (all.length === 1) await this.#client.send(new DeleteObjectCommand({ Bucket, Key: all[0] }))
      else
        for (let at = 0; at < all.length; at += maxDeletes)
          await this.#deleteMany(Bucket, all.slice(at, at + maxDeletes))
    })
  }

  async link(bucket: Bucket, key: string, options: { expiresInSeconds: number }): Promise<string> {
    checkKey(bucket, key)
    const command = new GetObjectCommand({ Bucket: this.#bucket(bucket), Key: key })
    return this.#try({ bucket, doing: `a link to ${bucket}/${key}` }, () =>
      getSignedUrl(this.#client, command, { expiresIn: Math.min(options.expiresInSeconds, maxLinkSeconds) }),
    )
  }

  async #deleteMany(Bucket: string, keys: readonly string[]): Promise<void> {
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }),
    )
    const left = Errors.filter(({ Code }) => Code !== 'NoSuchKey')
    if (left.length === 0) return
    const { Key, Code, Message } = left[0]!
    throw new ObjectStoreError(
      'store_error',
      `expected all of ${keys.length} objects to be deleted, got ${Code} ${Message} for ${Key}`,
      {
        retryable: true,
      },
    )
  }

  #bucket(bucket: Bucket): string {
    return this.#options.buckets[bucket]
  }

  async #try<T>(
    attempt: { bucket: Bucket; key?: string; doing: string },
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throw s3Error(error, { ...attempt, where: this.#where })
    }
  }
}

interface Described {
  ContentLength?: number | undefined
  ETag?: string | undefined
  ContentType?: string | undefined
  LastModified?: Date | undefined
  Metadata?: Record<string, string> | undefined
}

function infoOf(bucket: Bucket, key: string, described: Described): ObjectInfo {
  return {
    bucket,
    key,
    size: described.ContentLength ?? 0,
    etag: quoted(described.ETag ?? ''),
    contentType: described.ContentType ?? defaultContentType,
    modifiedAt: described.LastModified ?? new Date(0),
    metadata: decodeMetadata(described.Metadata ?? {}),
  }
}

/** Some servers omit the quotes. */
function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`
}
