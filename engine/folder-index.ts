/**
 * The index of a folder of photos from earlier runs: immutable segments of tiles, and a list of files that
 * maps each to its tile. An interrupted run loses at most the tiles since its last save, and those being saved.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { inOrder } from './in-order.ts'
import { PictureError } from './picture-error.ts'
import { ranges } from './ranges.ts'
import type { Tile } from './tile.ts'
import {
  encodeSegment,
  type ReadRange,
  readSegmentIndex,
  readSegmentPixels,
  SegmentCorrupt,
  type SegmentIndex,
  tileRecipe,
} from './tile-segment.ts'
import { featureLength } from './tile-set.ts'

/** A file when it was last read, and the result. */
export type KnownFile = z.infer<typeof knownFile>

const knownFile = z.object({
  bytes: z.number(),
  /** ms since 1970. */
  modified: z.number(),
  tile: z.string().optional(),
  skipped: z.object({ code: z.string(), message: z.string() }).optional(),
})
const fileList = z.object({
  version: z.literal(1),
  recipe: z.literal(tileRecipe),
  files: z.record(z.string(), knownFile),
})

/** A tile without its pixels, and where those are stored. */
export interface IndexedTile {
  id: string
  features: Float32Array
  fingerprint: Uint8Array
  segment: string
  /** Its index in the segment. */
  place: number
}

export interface SegmentTiles {
  sheet: Uint8Array
  rows: number[]
  places: number[]
}

export interface FolderIndex {
  files: Map<string, KnownFile>
  tiles: Map<string, IndexedTile>
  /** Adds tiles and writes `files`, each atomically. */
  save(tiles: readonly Tile[]): Promise<void>
  /**
   * Pixels of some tiles, one segment at a time: `sheet` has `tileBytes` for every tile of the segment; those
   * at `rows` are the tiles at `places` in `tiles`.
   * @throws SegmentCorrupt, PictureError `tile_missing` when a segment has been removed in the meantime
   */
  pixels(tiles: readonly IndexedTile[]): AsyncIterable<SegmentTiles>
}

/** Opens the index in its own directory, or creates one. Damaged parts are made again. */
export async function openFolderIndex(directory: string): Promise<FolderIndex> {
  await mkdir(directory, { recursive: true })
  const segments = new Map<string, SegmentIndex>()
  const tiles = new Map<string, IndexedTile>()
  const add = (name: string, segment: SegmentIndex): void => {
    segments.set(name, segment)
    segment.tiles.forEach(({ id, fingerprint }, place) => {
      const features = segment.features.subarray(place * featureLength, (place + 1) * featureLength)
      tiles.set(id, { id, features, fingerprint, segment: name, place })
    })
  }
  const names = (await readdir(directory)).filter((name) => name.endsWith('.tiles')).sort()
  const opening = inOrder(names, 4, async (name) => ({ name, segment: await openSegment(directory, name) }))
  for await (const { name, segment } of opening) if (segment) add(name, segment)
  const addSegment = async (fresh: readonly Tile[]): Promise<void> => {
    const bytes = await encodeSegment(fresh.map((tile) => ({ ...tile, addedAt: 0 })))
    const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.tiles`
    await putWhole(join(directory, name), bytes)
    add(name, (await openSegment(directory, name))!)
  }
  const files = await readFileList(directory)
  for (const [name, { tile }] of files) if (tile !== undefined && !tiles.has(tile)) files.delete(name)

  return {
    files,
    tiles,
    async save(fresh) {
      /* Compressed on all cores: at the end of a run nothing else is left to do. */
      const segments = Math.min(availableParallelism(), Math.floor(fresh.length / smallestSegment))
      const perSegment = Math.ceil(fresh.length / Math.max(1, segments))
      const saved = await Promise.allSettled(
        ranges(fresh.length, perSegment).map(([first, end]) => addSegment(fresh.slice(first, end))),
      )
      for (const one of saved) if (one.status === 'rejected') throw one.reason
      const list = { version: 1, recipe: tileRecipe, files: Object.fromEntries(files) }
      await putWhole(join(directory, 'files.json'), Buffer.from(JSON.stringify(list)))
    },
    async *pixels(wanted) {
      const bySegment = new Map<string, number[]>()
      wanted.forEach(({ segment }, i) => {
        const places = bySegment.get(segment)
        if (places) places.push(i)
        else bySegment.set(segment, [i])
      })
      yield* inOrder(bySegment, 2, async ([name, places]) => {
        const read = reader(join(directory, name))
        const sheet = await readSegmentPixels(name, segments.get(name)!, read).catch(async (error) => {
          /* The next run reads its photos again. */
          if (error instanceof SegmentCorrupt) await rm(join(directory, name), { force: true })
          if (error.code !== 'ENOENT') throw error
          const problem = `Expected the index of photos to contain ${name} but it is gone from ${directory}: read the folder again.`
          throw new PictureError('tile_missing', problem, { cause: error })
        })
        return { places, sheet, rows: places.map((i) => wanted[i]!.place) }
      })
    },
  }
}

/** Tiles. Many small segments take longer to open. */
const smallestSegment = 200

/**
 * A segment's index. If it is damaged or was made by another recipe, deletes the file and returns undefined.
 */
async function openSegment(directory: string, name: string): Promise<SegmentIndex | undefined> {
  try {
    const index = await readSegmentIndex(name, reader(join(directory, name)))
    const { size } = await stat(join(directory, name))
    const isWhole = size === index.sheet.start + index.sheet.length
    if (index.recipe === tileRecipe && isWhole) return index
  } catch (error) {
    if (!(error instanceof SegmentCorrupt)) throw error
  }
  await rm(join(directory, name), { force: true })
  return undefined
}

async function readFileList(directory: string): Promise<Map<string, KnownFile>> {
  try {
    const { files } = fileList.parse(JSON.parse(await readFile(join(directory, 'files.json'), 'utf8')))
    return new Map(Object.entries(files))
  } catch {
    /* Missing, truncated or of another version: photos are read again. */
    return new Map()
  }
}

const reader =
  (path: string): ReadRange =>
  async (start, end) => {
    await using file = await open(path)
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.max(0, Math.min(end + 1, size) - start))
    await file.read(bytes, 0, bytes.length, start)
    return bytes
  }

async function putWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  try {
    await writeFile(draft, bytes)
    await rename(draft, path)
  } catch (error) {
    /* Do not let the partial file keep a full disk full. */
    await rm(draft, { force: true })
    throw error
  }
}
