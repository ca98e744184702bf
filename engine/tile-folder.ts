import { createHash } from 'node:crypto'
import { type Dirent, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { type FolderIndex, openFolderIndex } from './folder-index.ts'
import { inOrder } from './in-order.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { makeTile, type Tile, tileBytes, tileSize } from './tile.ts'
import { groupLookAlikes } from './tile-fingerprint.ts'
import { resizeTiles } from './tile-pixels.ts'
import { featureLength, type TileSet } from './tile-set.ts'

export interface SkippedFile {
  name: string
  code: string
  message: string
}

export interface TileFolder {
  tiles: TileSet
  /** Files that are not pictures or cannot be read. */
  skipped: SkippedFile[]
  /** Files with the same bytes as another. */
  duplicates: number
  /** Files that had to be read because the index did not know them. */
  read: number
}

export interface TileFolderOptions {
  limits?: PictureLimits
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
  /** Directory of an index that is kept for later runs. Absent: no index. */
  index?: string
  /** Photos between two saves of the index. Default 1000: some seconds of work. */
  photosPerSave?: number
}

/** Tiles resized at a time: copies of a whole segment would be 24 MB of garbage. */
const tilesAtOnce = 64

/**
 * Makes a tile set of all pictures in a folder and its subfolders, except hidden ones. Tiles are ordered by
 * content, so file names do not affect a mosaic. With an index, only files that are new or whose size or time
 * has changed are read, and pixels stay on disk until needed; without, they are held in memory, about 13 KB
 * per picture.
 *
 * @throws file system errors of the folder itself and of the index; `signal.reason`
 */
export async function readTileFolder(
  directory: string,
  options: TileFolderOptions = {},
): Promise<TileFolder> {
  const { limits, signal, onProgress, photosPerSave = 1000 } = options
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const paths = entries.filter(isVisibleFile(directory)).map((entry) => join(entry.parentPath, entry.name))
  const index = options.index === undefined ? undefined : await openFolderIndex(options.index)
  const found = new Map<string, FoundTile>()
  const skipped: SkippedFile[] = []
  const unread: { path: string; name: string; bytes: number; modified: number }[] = []
  let done = 0
  const step = () => onProgress?.(++done, paths.length)
  const keep = (name: string, tile: Omit<FoundTile, 'source'>) => {
    if (!found.has(tile.id)) found.set(tile.id, { ...tile, source: name })
  }
  for (const path of paths.sort()) {
    const name = relative(directory, path)
    const stats = index && statSync(path, { throwIfNoEntry: false })
    const file = { path, name, bytes: stats?.size ?? 0, modified: stats?.mtimeMs ?? 0 }
    const known = index?.files.get(name)
    if (known?.bytes !== file.bytes || known.modified !== file.modified) {
      unread.push(file)
      continue
    }
    if (known.skipped) skipped.push({ name, ...known.skipped })
    else keep(name, index!.tiles.get(known.tile!)!)
    step()
  }
  /* Reading waits for the disk and decoding for one of four threads: with two per core, a tenth of the time was spent idle. */
  const reading = inOrder(unread, availableParallelism() * 4, async (file) => {
    signal?.throwIfAborted()
    const made = await readFile(file.path)
      .then((photo) => makeTile(photo, { source: file.name }, limits ?? {}))
      .catch((error) => asSkipped(file.name, error))
    return { file, made }
  })
  let fresh: Tile[] = []
  const take = ({ name, bytes, modified }: (typeof unread)[number], made: Tile | UnreadFile) => {
    if ('skipped' in made) {
      const { code, message } = made.skipped
      skipped.push(made.skipped)
      // A disk that had a bad moment, or a file that was not to be read, may be read the next time.
      if (made.isOfPhoto) index?.files.set(name, { bytes, modified, skipped: { code, message } })
      return
    }
    index?.files.set(name, { bytes, modified, tile: made.id })
    if (index && !index.tiles.has(made.id) && !found.has(made.id)) fresh.push(made)
    keep(name, made)
  }
  let saving: Promise<void> | undefined
  try {
    for await (const { file, made } of reading) {
      signal?.throwIfAborted()
      take(file, made)
      if (fresh.length >= photosPerSave) {
        await saving
        saving = index?.save(fresh)
        /* Reading goes on meanwhile; failures are reported below. */
        saving?.catch(() => {})
        fresh = []
      }
      step()
    }
  } finally {
    await Promise.allSettled([saving])
  }
  await saving
  if (unread.length > 0) await index?.save(fresh)
  const tiles = [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const duplicates = paths.length - skipped.length - tiles.length
  return { tiles: tileSet(tiles, index), skipped, duplicates, read: unread.length }
}

/** A tile that was just read has pixels; one from the index refers to its segment. */
type FoundTile = Pick<Tile, 'id' | 'source' | 'features' | 'fingerprint'> & { pixels?: Uint8Array }

const isVisibleFile = (root: string) => (entry: Dirent) =>
  entry.isFile() &&
  !relative(root, join(entry.parentPath, entry.name))
    .split(/[\\/]/)
    .some((part) => part.startsWith('.'))

interface UnreadFile {
  skipped: SkippedFile
  /** Rather than of the disk, or of the right to read it. */
  isOfPhoto: boolean
}

function asSkipped(name: string, error: unknown): UnreadFile {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return { skipped: { name, code, message }, isOfPhoto: error instanceof PictureError }
}

function tileSet(tiles: FoundTile[], index: FolderIndex | undefined): TileSet {
  const features = new Float32Array(new SharedArrayBuffer(tiles.length * featureLength * 4))
  const version = createHash('sha256')
  tiles.forEach((tile, place) => {
    features.set(tile.features, place * featureLength)
    version.update(tile.id)
  })
  const pixelsOf = async (places: Iterable<number>, width: number, height: number): Promise<Uint8Array> => {
    const wanted = Array.from(places, (place) => tiles[place]!)
    const size = width * height * 3
    const isWhole = width === tileSize && height === tileSize
    /*
     * Shared and filled in pieces, because 5,500 tiles of 64 px are 67 MB, which threads can then use without
     * a copy.
     */
    const out = new Uint8Array(new SharedArrayBuffer(wanted.length * size))
    const pieces = index
      ? index.pixels(wanted.map(({ id }) => index.tiles.get(id)!))
      : wanted.map((tile, place) => ({ places: [place], rows: [0], sheet: tile.pixels! }))
    for await (const { places, rows, sheet } of pieces)
      for (let first = 0; first < places.length; first += tilesAtOnce) {
        const some = rows.slice(first, first + tilesAtOnce)
        const own = new Uint8Array(some.length * tileBytes)
        some.forEach((row, i) => {
          own.set(sheet.subarray(row * tileBytes, (row + 1) * tileBytes), i * tileBytes)
        })
        const resized = isWhole ? own : new Uint8Array(some.length * size)
        if (resized !== own) await resizeTiles(own, width, height, resized)
        some.forEach((_, i) => {
          out.set(resized.subarray(i * size, (i + 1) * size), places[first + i]! * size)
        })
      }
    return out
  }
  return {
    version: version.digest('hex').slice(0, 32),
    count: tiles.length,
    features,
    groups: groupLookAlikes(tiles.map(({ fingerprint }) => fingerprint)),
    credit: (place) => ({ id: tiles[place]!.id, source: tiles[place]!.source }),
    pixels: (width, height) => pixelsOf(tiles.keys(), width, height),
    pixelsOf,
  }
}
