import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { inOrder } from './in-order.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { makeTile, type Tile, tileBytes } from './tile.ts'
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
  /** Files that are no picture, or none that can be read. */
  skipped: SkippedFile[]
  /** Files that hold the bytes of another. */
  duplicates: number
}

/**
 * Makes a tile set of all pictures in a folder and its subfolders, hidden ones left out, in the order of their
 * content: file names make no difference to a mosaic. Held in memory: about 13 KB a picture.
 *
 * @throws errors of the file system for the folder itself; `signal.reason`
 */
export async function readTileFolder(
  directory: string,
  options: {
    limits?: PictureLimits
    signal?: AbortSignal
    onProgress?: (done: number, total: number) => void
  } = {},
): Promise<TileFolder> {
  const { limits, signal, onProgress } = options
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const names = entries.filter(isVisibleFile(directory)).map((entry) => join(entry.parentPath, entry.name))
  const found = new Map<string, Tile>()
  const skipped: SkippedFile[] = []
  let done = 0
  /* Reading waits for the disk and decoding runs on libvips' threads: two a core keep both busy. */
  const reading = inOrder(names.sort(), availableParallelism() * 2, async (path) => {
    signal?.throwIfAborted()
    const name = relative(directory, path)
    return await makeTile(await readFile(path), { source: name }, limits ?? {}).catch((error) =>
      asSkipped(name, error),
    )
  })
  for await (const made of reading) {
    if ('message' in made) skipped.push(made)
    else if (!found.has(made.id)) found.set(made.id, made)
    onProgress?.(++done, names.length)
  }
  const tiles = [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { tiles: tileSet(tiles), skipped, duplicates: names.length - skipped.length - tiles.length }
}

const isVisibleFile = (root: string) => (entry: Dirent) =>
  entry.isFile() &&
  !relative(root, join(entry.parentPath, entry.name))
    .split(/[\\/]/)
    .some((part) => part.startsWith('.'))

function asSkipped(name: string, error: unknown): SkippedFile {
  if (error instanceof PictureError) return { name, code: error.code, message: error.message }
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return { name, code, message }
}

function tileSet(tiles: Tile[]): TileSet {
  const features = new Float32Array(new SharedArrayBuffer(tiles.length * featureLength * 4))
  const pixels = new Uint8Array(tiles.length * tileBytes)
  const version = createHash('sha256')
  tiles.forEach((tile, index) => {
    features.set(tile.features, index * featureLength)
    pixels.set(tile.pixels, index * tileBytes)
    version.update(tile.id)
  })
  return {
    version: version.digest('hex').slice(0, 32),
    count: tiles.length,
    features,
    groups: groupLookAlikes(tiles.map(({ fingerprint }) => fingerprint)),
    credit: (index) => ({ id: tiles[index]!.id, source: tiles[index]!.source }),
    pixels: async (width, height) => {
      const resized = new Uint8Array(tiles.length * width * height * 3)
      await resizeTiles(pixels, width, height, resized)
      return resized
    },
  }
}
