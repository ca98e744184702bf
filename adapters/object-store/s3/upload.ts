import { Readable } from 'node:stream'
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { chunksOf } from '../body.ts'

/** Larger bodies go up in parts of this size: 10,000 of them, S3's limit, are 78 GiB. */
const partBytes = 8 * 1024 * 1024
/** A 409 means that another conditional write of the key was under way: ask again, the answer is 200 or 412 then. */
const conflictAttempts = 5

export type Target = Omit<PutObjectCommandInput, 'Body'>

/** Stores a whole object or nothing, and keeps at most a few parts of it in memory. */
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
    // A body that broke is the caller's news, not the store's; and the library words an abort its own way.
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
 * The library's own abort answers before the parts are gone and cannot end a stream that stalls. An aborted body
 * ends in an error instead: then the library waits for the parts under way and removes them all.
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

/** A body that can be looked at before it is decided how it goes up. */
class Source {
  size = 0
  ended = false
  /** What broke the body, an abort included. */
  error: unknown
  readonly #chunks: AsyncGenerator<Uint8Array>

  constructor(body: Uint8Array | Readable, signal: AbortSignal | undefined) {
    this.#chunks = chunksOf(body, signal)
  }

  /** A little more than `bytes`, or all there are: then it has `ended`. */
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

  /** Frees what is behind a body that was not read to its end. */
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
