import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import type { PictureLimits } from '../../engine/picture.ts'
import { PictureError } from '../../engine/picture-error.ts'
import { sniffFormat } from '../../engine/picture-format.ts'
import { makeTile, tileId } from '../../engine/tile.ts'
import { looksLike } from '../../engine/tile-fingerprint.ts'
import type { TileCredit } from '../../engine/tile-set.ts'
import { photoKey } from './layout.ts'
import { readLibrary } from './library-state.ts'
import { createOnce, type DatedTile, eraseRemoved, mergeSmallSegments, putSegment } from './merge-segments.ts'

/** A photo to turn into a tile, or why it could not be read. */
export type PhotoOffer = {
  /** How messages name it: path or URL. */
  name: string
  /** How public plans and pages name it. Default: `name`. */
  source?: string
  author?: { name?: string | undefined; handle?: string | undefined; url?: string | undefined }
} & ({ bytes: Uint8Array } | { /** Its `code`, if it has one, is passed on. */ error: Error })

export interface SkippedPhoto {
  name: string
  code: string
  message: string
}

export interface AddTilesResult {
  added: number
  /** Photos that the library already had, byte for byte. */
  duplicates: number
  /** Added photos that look like an existing tile: kept, but treated as equal to it by the distance rule. */
  nearDuplicates: number
  skipped: SkippedPhoto[]
  /** Tiles in the library now. */
  size: number
}

export interface AddTilesOptions {
  store: ObjectStore
  library: string
  photos: AsyncIterable<PhotoOffer> | Iterable<PhotoOffer>
  limits?: PictureLimits
  /** Called after each photo, with the number processed and the result so far. */
  onProgress?: (done: number, soFar: Readonly<AddTilesResult>) => void
  signal?: AbortSignal
  /** Photos processed at a time. Default: one per core. */
  concurrency?: number
  /** Tiles stored together, which is also the most that a killed process has to make again. Default 256. */
  batch?: number
}

/** Limits decoding over all steps of this process. */
const decoding = pLimit(availableParallelism())

/**
 * Adds photos to a library, creating it with the first one. Photos it already has cost only a hash. Idempotent, and safe to run
 * concurrently: the result is the same library.
 *
 * @throws TileLibraryError for a bad name, ObjectStoreError, SegmentCorrupt; bad photos are skipped and named in the result
 */
export async function addTiles(options: AddTilesOptions): Promise<AddTilesResult> {
  const { store, library, limits = {}, onProgress, signal } = options
  const concurrency = options.concurrency ?? availableParallelism()
  const { tiles, removedAt } = await readLibrary(store, library, signal)
  const known = new Set(tiles.keys())
  const prints = Array.from(tiles.values(), ({ entry }) => entry.fingerprint)
  const result: AddTilesResult = { added: 0, duplicates: 0, nearDuplicates: 0, skipped: [], size: 0 }
  let batch: DatedTile[] = []
  let done = 0

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const full = batch
    batch = []
    await putSegment(store, library, full)
  }

  const add = async (photo: PhotoOffer): Promise<void> => {
    if ('error' in photo) {
      const { message, code = 'unreadable' } = photo.error as Error & { code?: string }
      result.skipped.push({ name: photo.name, code, message })
      return
    }
    const id = tileId(photo.bytes)
    if (known.has(id)) {
      result.duplicates++
      return
    }
    known.add(id)
    try {
      const tile = await decoding(() => makeTile(photo.bytes, creditOf(photo), limits))
      signal?.throwIfAborted()
      // The photo first: a photo without a tile is added again next time; a tile without its photo would never be repaired.
      const type = sniffFormat(photo.bytes)
      const contentType = type && 'format' in type ? `image/${type.format}` : 'application/octet-stream'
      await createOnce(store, photoKey(library, id), photo.bytes, contentType)
      if (prints.some((print) => looksLike(print, tile.fingerprint))) result.nearDuplicates++
      prints.push(tile.fingerprint)
      batch.push({ ...tile, addedAt: Math.max(Date.now(), (removedAt.get(id) ?? 0) + 1) })
      result.added++
      if (batch.length >= (options.batch ?? 256)) await flush()
    } catch (error) {
      if (!(error instanceof PictureError)) throw error
      known.delete(id)
      result.skipped.push({ name: photo.name, code: error.code, message: error.message })
    }
  }

  const running = new Set<Promise<void>>()
  try {
    for await (const photo of options.photos) {
      signal?.throwIfAborted()
      const task: Promise<void> = add(photo).then(() => {
        running.delete(task)
        onProgress?.(++done, result)
      })
      // Awaited below; until then the rejection must not count as unhandled.
      task.catch(() => {})
      running.add(task)
      if (running.size >= concurrency) await Promise.race(running)
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
    // Even after a failure, to keep the tiles made so far.
    await flush()
  }
  await mergeSmallSegments(store, library)
  // Even if it is aborted: a merge may have copied tiles that were removed meanwhile.
  result.size = (await eraseRemoved(store, library)).tiles.size
  return result
}

function creditOf({ name, source = name, author }: PhotoOffer): Omit<TileCredit, 'id'> {
  const known = Object.entries(author ?? {}).filter(([, value]) => value !== undefined)
  return { source, ...(known.length > 0 && { author: Object.fromEntries(known) }) }
}
