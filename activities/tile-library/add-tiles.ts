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
import { createOnce, type DatedTile, mergeSmallSegments, putSegment } from './merge-segments.ts'

/** A photo to make a tile of, or why it could not be had. */
export type PhotoOffer = {
  /** What a person recognises it by, in messages: path or address. */
  name: string
  /** What plans and pages, which everybody may read, call it. Default: `name`. */
  source?: string
  author?: { name?: string | undefined; handle?: string | undefined; url?: string | undefined }
} & ({ bytes: Uint8Array } | { /** Its `code`, where it has one, is passed on. */ error: Error })

export interface SkippedPhoto {
  name: string
  code: string
  message: string
}

export interface AddTilesResult {
  added: number
  /** Photos whose bytes the library had already. */
  duplicates: number
  /** Of the added ones, those that look like a tile that was there: kept, and counted as equal by distance rules. */
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
  /** After each photo: how many are through, and what became of them. */
  onProgress?: (done: number, soFar: Readonly<AddTilesResult>) => void
  signal?: AbortSignal
  /** Photos in work at once. Default: one a core. */
  concurrency?: number
  /** Tiles that are stored together: no more are lost, and made again, when the process dies. Default 256. */
  batch?: number
}

/** Photos that this process decodes at once, however many steps add some. */
const decoding = pLimit(availableParallelism())

/**
 * Adds photos to a library, which begins to exist with its first. What it has already costs a hash and nothing more.
 * May run twice at once and be repeated at will: the result is the same library.
 *
 * @throws TileLibraryError for a bad name, ObjectStoreError, SegmentCorrupt; a bad photo is skipped and named instead
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
      // The photo first: a photo without a tile is added again next time, a tile without its photo never would be.
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
      // It is waited for below; until then its failure must not count as one that nobody waits for.
      task.catch(() => {})
      running.add(task)
      if (running.size >= concurrency) await Promise.race(running)
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
    // Also when something failed: what is made is made.
    await flush()
  }
  await mergeSmallSegments(store, library)
  result.size = (await readLibrary(store, library, signal)).tiles.size
  return result
}

function creditOf({ name, source = name, author }: PhotoOffer): Omit<TileCredit, 'id'> {
  const known = Object.entries(author ?? {}).filter(([, value]) => value !== undefined)
  return { source, ...(known.length > 0 && { author: Object.fromEntries(known) }) }
}
