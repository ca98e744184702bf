/** The object store in a folder: the default on one machine. Any number of processes may share it. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, mkdir, open, rmdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import pLimit from 'p-limit'
import { abortable } from './abortable.ts'
import { chunksOf } from './body.ts'
import { isCode, storeError } from './directory/file-error.ts'
import { HalfWritten, removeIfThere, type Writing } from './directory/half-written.ts'
import { folderOf, fromBytes, pathOf, pathOfFolder, toBytes } from './directory/path.ts'
import { type Facts, readTrailer } from './directory/trailer.ts'
import { type Found, walk } from './directory/walk.ts'
import { checkKey, checkListing, checkRange } from './key.ts'
import { checkContentType, defaultContentType, encodeMetadata } from './metadata.ts'
import {
  type Bucket,
  buckets,
  type GetOptions,
  type ListOptions,
  ObjectDamaged,
  ObjectExists,
  type ObjectInfo,
  ObjectNotFound,
  type ObjectStore,
  type PutOptions,
  RangeNotSatisfiable,
} from './object-store.ts'

export interface DirectoryOptions {
  /** Minimum age of half-written files that `open` removes: their writers may be other processes. */
  staleAfterMs?: number
}

/** Concurrent file operations per page or delete: Node's pool has four threads, so more would only wait. */
const few = pLimit(8)

/** Read size, bytes. With Node's 64 KiB, a photo takes ten trips to the thread pool, which cost more CPU than reading. */
const highWaterMark = 1024 * 1024

type Described = Pick<Facts, 'contentType' | 'metadata'>

export class DirectoryObjectStore implements ObjectStore {
  readonly description: string
  readonly #root: string
  readonly #halfWritten: HalfWritten

  constructor(folder: string, { staleAfterMs = 3_600_000 }: DirectoryOptions = {}) {
    this.#root = resolve(folder)
    // Next to the objects, so that renames never cross file systems.
    this.#halfWritten = new HalfWritten(join(this.#root, '.half-written'), staleAfterMs)
    const near = relative(process.cwd(), this.#root)
    this.description = `directory ${near.startsWith('..') ? this.#root : `./${near}`}`
  }

  async open(): Promise<void> {
    try {
      for (const bucket of buckets) await mkdir(join(this.#root, bucket), { recursive: true })
      await this.#halfWritten.open()
    } catch (error) {
      throw storeError(error, `the object store in ${this.#root}`)
    }
  }

  async close(): Promise<void> {}

  async put(
    bucket: Bucket,
    key: string,
    body: Uint8Array | Readable,
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(bucket, key)
    const { contentType, metadata } = describedBy(options, { contentType: defaultContentType, metadata: {} })
    const { mode, synced, signal } = options
    const fill = async (file: FileHandle) => {
      const hash = createHash('sha256')
      let size = 0
      let last: Uint8Array | undefined
      for await (const chunk of chunksOf(body, signal)) {
        hash.update(chunk)
        size += chunk.length
        if (last) await file.writeFile(last)
        last = chunk
      }
      return { facts: { etag: `"${hash.digest('hex')}"`, size, contentType, metadata }, last }
    }
    return this.#write(bucket, key, { open: (path) => open(path, 'wx'), fill, mode, synced, signal })
  }

  async get(bucket: Bucket, key: string, options: GetOptions = {}): Promise<ObjectInfo & { body: Readable }> {
    checkKey(bucket, key)
    checkRange(bucket, key, options.range)
    options.signal?.throwIfAborted()
    const path = this.#path(bucket, key)
    const file = await this.#openFile(bucket, key, path)
    try {
      const { facts, bytes } = await readTrailer(file, path, options.range ? undefined : highWaterMark)
      const info = infoOf(bucket, key, facts)
      const { start = 0, end = info.size - 1 } = options.range ?? {}
      if (options.range !== undefined && start >= info.size) {
        throw new RangeNotSatisfiable(bucket, key, `byte ${start} of ${info.size}`)
      }
      if (bytes && !options.range) {
        await file.close()
        const body = Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false })
        return { ...info, body: abortable(body, options.signal) }
      }
      const body = file.createReadStream({ start, end: Math.min(end, info.size - 1), highWaterMark })
      return { ...info, body: abortable(body, options.signal) }
    } catch (error) {
      await file.close()
      throw storeError(error, `reading ${bucket}/${key}`)
    }
  }

  async head(bucket: Bucket, key: string): Promise<ObjectInfo | undefined> {
    checkKey(bucket, key)
    const path = this.#path(bucket, key)
    try {
      return infoOf(bucket, key, await readFacts(path))
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined
      throw storeError(error, `reading ${bucket}/${key}`)
    }
  }

  async list(bucket: Bucket, options: ListOptions = {}): Promise<{ objects: ObjectInfo[]; next?: string }> {
    const { prefix, after, limit } = checkListing(bucket, options)
    const found: Found[] = []
    try {
      // One more than requested, to know whether there are more.
      const wanted = { prefix: toBytes(prefix), after: toBytes(after) }
      const folder = join(this.#root, bucket, ...pathOfFolder(prefix))
      for await (const each of walk(folder, wanted, toBytes(folderOf(prefix)))) {
        if (found.push(each) > limit) break
      }
      const page = found.slice(0, limit)
      const objects = await Promise.all(page.map((each) => few(() => listed(bucket, each))))
      const there = objects.filter((info) => info !== undefined)
      return found.length > limit ? { objects: there, next: fromBytes(page.at(-1)!.key) } : { objects: there }
    } catch (error) {
      throw storeError(error, `listing ${bucket}`)
    }
  }

  async copy(
    from: { bucket: Bucket; key: string },
    to: { bucket: Bucket; key: string },
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(from.bucket, from.key)
    checkKey(to.bucket, to.key)
    describedBy(options, { contentType: defaultContentType, metadata: {} })
    const source = this.#path(from.bucket, from.key)
    const openCopy = async (path: string) => {
      try {
        await copyFile(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      } catch (error) {
        throw isCode(error, 'ENOENT') ? new ObjectNotFound(from.bucket, from.key, error) : error
      }
      return open(path, 'r+')
    }
    // Reads the copy's facts, because the source may be replaced at any moment.
    const fill = async (file: FileHandle, path: string) => {
      const { etag, size, contentType, metadata } = (await readTrailer(file, path)).facts
      await file.truncate(size)
      return { facts: { etag, size, ...describedBy(options, { contentType, metadata }) } }
    }
    return this.#write(to.bucket, to.key, {
      open: openCopy,
      fill,
      mode: options.mode,
      signal: options.signal,
    })
  }

  async delete(bucket: Bucket, keys: string | readonly string[]): Promise<void> {
    const all = typeof keys === 'string' ? [keys] : keys
    for (const key of all) checkKey(bucket, key)
    const paths = all.map((key) => this.#path(bucket, key))
    try {
      await Promise.all(paths.map((path) => few(() => removeIfThere(path))))
      for (const folder of new Set(paths.map((path) => dirname(path))))
        await this.#removeEmpty(folder, join(this.#root, bucket))
    } catch (error) {
      throw storeError(error, `deleting from ${bucket}`)
    }
  }

  async link(bucket: Bucket, key: string): Promise<undefined> {
    checkKey(bucket, key)
    return undefined
  }

  async #write(bucket: Bucket, key: string, writing: Writing): Promise<ObjectInfo> {
    try {
      return infoOf(bucket, key, await this.#halfWritten.write(this.#path(bucket, key), writing))
    } catch (error) {
      throw isCode(error, 'EEXIST')
        ? new ObjectExists(bucket, key, error)
        : storeError(error, `${bucket}/${key}`)
    }
  }

  async #openFile(bucket: Bucket, key: string, path: string): Promise<FileHandle> {
    try {
      return await open(path, 'r')
    } catch (error) {
      throw isCode(error, 'ENOENT')
        ? new ObjectNotFound(bucket, key, error)
        : storeError(error, `reading ${bucket}/${key}`)
    }
  }

  async #removeEmpty(folder: string, top: string): Promise<void> {
    for (let at = folder; at !== top; at = dirname(at)) {
      try {
        await rmdir(at)
      } catch (error) {
        if (isCode(error, 'ENOTEMPTY', 'EEXIST')) return
        if (!isCode(error, 'ENOENT')) throw error
      }
    }
  }

  #path(bucket: Bucket, key: string): string {
    return join(this.#root, bucket, ...pathOf(key))
  }
}

/** As in S3 listings: no content type, no metadata. `undefined`: deleted since it was listed. */
async function listed(bucket: Bucket, { key, path }: Found): Promise<ObjectInfo | undefined> {
  try {
    const facts = await readFacts(path).catch((error: unknown) => damagedFacts(path, error))
    return infoOf(bucket, fromBytes(key), { ...facts, contentType: defaultContentType, metadata: {} })
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function readFacts(path: string): Promise<Facts> {
  const file = await open(path, 'r')
  try {
    return (await readTrailer(file, path)).facts
  } finally {
    await file.close()
  }
}

/** For listings: one damaged object must not keep the others from being listed, or itself from being deleted. */
async function damagedFacts(
  path: string,
  error: unknown,
): Promise<Pick<Facts, 'etag' | 'size' | 'modifiedAt'>> {
  if (!(error instanceof ObjectDamaged)) throw error
  const { size, mtime } = await stat(path)
  return { etag: '"damaged"', size, modifiedAt: mtime.toISOString() }
}

function describedBy(options: PutOptions, otherwise: Described): Described {
  const { contentType = otherwise.contentType, metadata = otherwise.metadata } = options
  encodeMetadata(metadata)
  return { contentType: checkContentType(contentType), metadata: { ...metadata } }
}

function infoOf(
  bucket: Bucket,
  key: string,
  { size, etag, contentType, metadata, modifiedAt }: Facts,
): ObjectInfo {
  return { bucket, key, size, etag, contentType, modifiedAt: new Date(modifiedAt), metadata }
}
