import { Readable } from 'node:stream'
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { chunksOf } from '../body.ts'

/** Larger bodies are uploaded in parts of this size: 10,000 parts, S3's limit, are 78 GiB. */
const partBytes = 8 * 1024 * 1024
/** A 409 means that another conditional write of the key was in progress: a retry gets 200 or 412. */
const conflictAttempts = 5

export type Target = Omit<PutObjectCommandInput, 'Body'>

/** Stores a complete object or nothing, with at most a few parts in memory. */
export async function upload(
  client: S3Client,
  target: Target,
  body: Uint8Array | Readable,
  signal: AbortSignal | undefined,
): Promise<{ etag: string; size: number }> {
  const source = new Source(body, signal)
  try {
    const start = await source.take(partBytes)
    if (source.ended) return { etag: await putWhole(client, target, start, signal), size: start.length }
    return { etag: await putParts(client, target, source.from(start)), size: source.size }
  } catch (error) {
    // A broken body is the caller's error, not the store's, and the library has its own error for aborts.
    throw source.error ?? error
  } finally {
    await source.close()
  }
}

async function putWhole(
  client: S3Client,
  target: Target,
  body: Buffer,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { ETag } = await client.send(
        new PutObjectCommand({ ...target, Body: body, ContentLength: body.length }),
        signal === undefined ? {} : { abortSignal: signal },
      )
      return ETag ?? ''
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
      if (status !== 409 || attempt === conflictAttempts) throw error
    }
  }
}

/**
 * The library's own abort returns before the parts are removed, and cannot end a stalled stream. Here, an aborted body fails
 * instead: the library then waits for parts in flight and removes all of them.
 */
async function putParts(client: S3Client, target: Target, body: Readable): Promise<string> {
  const { ETag } = await new Upload({
    client,
    params: { ...target, Body: body },
    partSize: partBytes,
    queueSize: 3,
  }).done()
  return ETag ?? ''
}

/** A body whose start can be read before deciding how to upload it. */
class Source {
  size = 0
  ended = false
  /** The body's error, including aborts. */
  error: unknown
  readonly #chunks: AsyncGenerator<Uint8Array>

  constructor(body: Uint8Array | Readable, signal: AbortSignal | undefined) {
    this.#chunks = chunksOf(body, signal)
  }

  /** At least `bytes`, or everything if there is less: then it has `ended`. */
  async take(bytes: number): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    while (this.size <= bytes) {
      const chunk = await this.#next()
      if (chunk === undefined) break
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  from(start: Buffer): Readable {
    const next = () => this.#next()
    return Readable.from(
      (async function* () {
        yield start
        for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk
      })(),
      { objectMode: false },
    )
  }

  /** Releases a body that was not read to its end. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined)
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done) {
        this.ended = true
        return undefined
      }
      this.size += value.length
      return value
    } catch (error) {
      this.error = error
      throw error
    }
  }
}
