/** Bulk plan: finds the pictures of a bulk job and splits them into batches. */
import { cancellationSignal } from '@temporalio/activity'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import type { PictureLimits } from '../engine/index.ts'
import { defaultLimits } from '../engine/index.ts'
import { type BulkItem, type BulkSource, bulkSources, type FoundPicture, writeBatch } from './bulk-items.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'

export interface BulkPlanInput {
  jobId: string
  source: { list: ObjectRef; count: number } | { prefix: ObjectRef } | { zip: ObjectRef }
  batchSize: number
}

/** More than this means that somebody named the wrong bucket. */
const itemsAtMost = 1_000_000

/** Files in one archive. The default body limit of 28 MiB has no room for more pictures of a useful size. */
const zippedAtMost = 10_000
/**
 * Pictures are compressed already, so an archive of them hardly grows when unpacked. One that grows tenfold, and to more than
 * this many bytes, is a zip bomb.
 */
const unpackedTimes = 10
const unpackedAtLeast = 100 * 2 ** 20

/** A request that cannot become a bulk job. */
export class BulkError extends Error {
  readonly code: string
  readonly retryable: boolean
  constructor(
    code: string,
    message: string,
    { retryable = false, cause }: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryable = retryable
  }
}

export function createBulkPlan({ store, limits }: { store: ObjectStore; limits: PictureLimits }) {
  return async function bulkPlan({
    jobId,
    source,
    batchSize,
  }: BulkPlanInput): Promise<{ items: number; batches: number }> {
    const signal = cancellationSignal()
    const sources =
      'list' in source
        ? listed(source.list, signal)
        : 'zip' in source
          ? unpacked(jobId, source.zip, signal)
          : underPrefix(source.prefix)
    return await withHeartbeat(async (report) => {
      let batch: BulkItem[] = []
      let items = 0
      let batches = 0
      for await (const found of sources) {
        signal.throwIfAborted()
        if (items === itemsAtMost)
          throw new BulkError(
            'too_many_items',
            `Expected at most ${itemsAtMost.toLocaleString('en')} pictures in one job.`,
          )
        batch.push({ ...found, index: items++ })
        if (batch.length < batchSize) continue
        await writeBatch(store, jobId, 0, batches++, batch)
        batch = []
        report(items, 0)
      }
      if (batch.length > 0) await writeBatch(store, jobId, 0, batches++, batch)
      if (items === 0) throw new BulkError('no_items', 'Expected at least one picture, found none.')
      return { items, batches }
    })
  }

  async function* listed(list: ObjectRef, signal: AbortSignal): AsyncGenerator<BulkSource> {
    yield* bulkSources.parse(JSON.parse(Buffer.from(await readObject(store, list, signal)).toString()))
  }

  async function* underPrefix(prefix: ObjectRef): AsyncGenerator<BulkSource> {
    for await (const { bucket, key } of objectsUnder(store, prefix))
      yield { name: key, source: { object: { bucket, key } } }
  }

  /** Each file of the archive becomes an object of the job's own; one that cannot be unpacked does not stop the others. */
  async function* unpacked(jobId: string, zip: ObjectRef, signal: AbortSignal): AsyncGenerator<FoundPicture> {
    const most = limits.bytes ?? defaultLimits.bytes
    const bytes = Buffer.from(await readObject(store, zip, signal))
    const archive = await openZip(bytes)
    const entries = await picturesOf(archive)
    refuseBomb(entries, bytes.length, most)
    for (const [count, entry] of entries.entries()) {
      const place = layout.bulk.unpacked(jobId, count)
      const found: BulkSource = { name: entry.fileName, source: { object: place } }
      // What says that it is larger than a picture may be is not unpacked: its batch finds nothing and says so.
      const picture = entry.uncompressedSize <= most ? await readEntry(archive, entry) : new Uint8Array(0)
      if (picture instanceof Uint8Array) {
        await store.put(place.bucket, place.key, picture, { signal })
        yield found
      } else yield { ...found, fault: picture }
    }
  }
}

/** Checked before unpacking: the central directory declares all sizes, and yauzl holds each file to its declared size. */
function refuseBomb(entries: readonly Entry[], packed: number, most: number): void {
  const unpacked = entries.reduce((sum, { uncompressedSize: size }) => sum + (size <= most ? size : 0), 0)
  const allowed = Math.max(unpackedAtLeast, unpackedTimes * packed)
  if (unpacked > allowed)
    throw new BulkError(
      'zip_too_large',
      `Expected a zip archive that unpacks to at most ${allowed.toLocaleString('en')} bytes, but this one unpacks to ${unpacked.toLocaleString('en')}.`,
    )
}

const openZip = (bytes: Buffer) =>
  new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) =>
      error
        ? reject(new BulkError('invalid_zip', `Expected a zip archive: ${error.message}.`, { cause: error }))
        : resolve(zip),
    ),
  )

/** Skips folders and the hidden files that macOS adds to archives. */
const isPictureFile = (name: string) => !/\/$|^__MACOSX\/|(^|\/)\./.test(name)

async function picturesOf(zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > zippedAtMost)
    throw new BulkError(
      'too_many_items',
      `Expected at most ${zippedAtMost.toLocaleString('en')} files in a zip archive, but this one has ${zip.entryCount.toLocaleString('en')}.`,
    )
  const entries: Entry[] = []
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      if (isPictureFile(entry.fileName)) entries.push(entry)
      zip.readEntry()
    })
    zip.once('end', resolve)
    zip.once('error', (cause: Error) => reject(asZipError(cause)))
    zip.readEntry()
  })
  return entries
}

/** yauzl holds an entry to the size that it told. What is wrong with it (damaged, locked by a password) is told, not thrown. */
const readEntry = (zip: ZipFile, entry: Entry) =>
  new Promise<Buffer | { code: string; message: string }>((resolve) => {
    const wrong = ({ message }: Error) =>
      resolve({ code: 'invalid_zip', message: `Expected a file that can be unpacked: ${message}.` })
    zip.openReadStream(entry, (error, stream) => {
      if (error) return wrong(error)
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', (broken) => {
        stream.destroy()
        wrong(broken)
      })
      stream.on('end', () => resolve(Buffer.concat(chunks)))
    })
  })

const asZipError = (cause: Error) =>
  new BulkError('invalid_zip', `Expected a complete zip archive: ${cause.message}.`, { cause })
