import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { changesSince, type EarlierMosaic, openEarlierPyramid } from './earlier-mosaic.ts'
import { mosaicSize } from './grid.ts'
import { inOrder } from './in-order.ts'
import { type LargeFormat, longestSide } from './large-format.ts'
import { bandsOf, writeLargePicture } from './large-picture.ts'
import { openRenderer, type Target } from './mosaic-renderer.ts'
import { PictureError } from './picture-error.ts'
import { hasHoles } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import { type PyramidTile, pyramidDescriptor, pyramidTiles } from './pyramid.ts'
import type { Region } from './region.ts'
import { sharp } from './sharp.ts'
import { runOnThreads, startThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

export interface ComposeInput {
  plan: MosaicPlan
  /** The set the plan was made with, or one that still contains the tiles in use. */
  tiles: TileSet
  /** The original picture, needed for plans with `cheat`. */
  target?: Target
  /**
   * An existing folder. `large.jpg` (or another extension) and `pyramid.zip` appear there once they are
   * complete.
   */
  directory: string
  /** JPEG quality, 1..100. Default 85. */
  quality?: number
  /**
   * Whether to make `pyramid.zip`. Default true. `virtual`: only its descriptor, for tiles that
   * `openVirtualPyramid` renders on demand.
   */
  pyramid?: boolean | 'virtual'
  /**
   * Output of an earlier plan, of the same quality. Unchanged parts are copied from it, with the same result.
   */
  earlier?: EarlierMosaic
  /** In parts of about equal work, once the tiles are ready to be painted or copied. */
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
  threads?: number
}

export interface ComposedMosaic {
  large: { path: string; width: number; height: number; bytes: number }
  /** Holds `mosaic.dzi` and `mosaic_files/<level>/<column>_<row>.jpg`. */
  pyramid: { path: string }
}

const extensionOf: Record<LargeFormat, string> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tiff: 'tiff',
}

/**
 * Renders the pictures of a plan. Memory holds the tiles in use, their code for some JPEGs, and a few bands of
 * pixels, however large the mosaic. Equal plans, tiles and quality give equal bytes for any number of threads.
 *
 * @throws PictureError `tile_missing` when the set lacks tiles of the plan, `output_too_large`,
 * `invalid_option`; `signal.reason` within 2 s of an abort; file system errors. Leaves no partial file.
 */
export async function composeMosaic(input: ComposeInput): Promise<ComposedMosaic> {
  const { plan, directory, signal, quality = 85 } = input
  const { width, height } = mosaicSize(plan.grid)
  refuse(width, height, plan.options.format, quality)
  const threads = input.threads ?? availableParallelism()
  const { pyramid = true } = input
  startThreads('painting', { threads })
  const taskOf = await openRenderer(plan, input.tiles, pyramid === true, { signal, threads }, input.target)
  const render = async (region: Region) =>
    (await runOnThreads('renderPixels', [taskOf(region)], { signal, threads }))[0]!

  const tiles = pyramid === true ? [...pyramidTiles(width, height)] : []
  let done = 0
  const step = () => input.onProgress?.(++done, bandsOf(width, height) + tiles.length)

  const { format, background } = plan.options
  const isChanged = input.earlier && changesSince(input.earlier.plan, plan)
  const earlierLarge = input.earlier?.large
  const earlier = isChanged && earlierLarge !== undefined ? { path: earlierLarge, isChanged } : undefined
  const large = join(directory, `large.${extensionOf[format]}`)
  const zip = join(directory, 'pyramid.zip')
  const bytes = await whole(large, (path) =>
    writeLargePicture(path, {
      taskOf,
      width,
      height,
      format,
      quality,
      transparent: format !== 'jpeg' && background === undefined && hasHoles(plan.grid),
      threads,
      signal,
      earlier,
      onBand: step,
    }),
  )
  if (pyramid !== false)
    await whole(zip, async (path) => {
      const archive = new ZipFile()
      const stored = { compress: false, mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644 }
      const writing = pipeline(archive.outputStream, createWriteStream(path))
      writing.catch(() => {})
      archive.addBuffer(Buffer.from(pyramidDescriptor(width, height)), 'mosaic.dzi', stored)
      const encode = async (tile: Region) =>
        await sharp(await render(tile), { raw: { width: tile.width, height: tile.height, channels: 3 } })
          .jpeg({ quality })
          .toBuffer()
      const copies = isChanged && (await earlierTiles(input.earlier!, tiles, isChanged, encode))
      try {
        const encoded = inOrder(tiles, threads + 2, async (tile) => {
          const name = nameOf(tile)
          return { name, jpeg: (await copies?.read(tile, name)) ?? (await encode(tile)) }
        })
        for await (const { name, jpeg } of encoded) {
          archive.addBuffer(jpeg, name, stored)
          const stream = archive.outputStream as PassThrough
          if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), writing])
          step()
        }
      } finally {
        copies?.close()
      }
      archive.end()
      await writing
    })
  return { large: { path: large, width, height, bytes }, pyramid: { path: zip } }
}

const nameOf = ({ name }: PyramidTile) => `mosaic_files/${name}.jpg`

/** Unchanged tiles of an earlier pyramid, after checking that one of them has the bytes it would have now. */
async function earlierTiles(
  { pyramid }: EarlierMosaic,
  tiles: PyramidTile[],
  isChanged: (region: Region) => boolean,
  encode: (tile: Region) => Promise<Buffer>,
) {
  const archive = typeof pyramid === 'string' ? await openEarlierPyramid(pyramid) : pyramid
  if (!archive) return undefined
  const same = tiles.findLast((tile) => !isChanged(tile))
  const there = same && (await archive.read(nameOf(same)))
  if (same && there?.equals(await encode(same)))
    return {
      read: async (tile: PyramidTile, name: string) =>
        isChanged(tile) ? undefined : await archive.read(name),
      close: () => archive.close(),
    }
  archive.close()
  return undefined
}

/** Writes to a temporary file and renames it: `path` is complete or does not exist. */
async function whole<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = `${path}.part`
  try {
    const result = await write(temporary)
    await rename(temporary, path)
    return result
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function refuse(width: number, height: number, format: LargeFormat, quality: number): void {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw new PictureError(
      'invalid_option',
      `Expected an integer from 1 to 100 for quality but received ${quality}.`,
    )
  const most = longestSide[format]
  if (Math.max(width, height) > most)
    throw new PictureError(
      'output_too_large',
      `Expected a mosaic of at most ${most} pixels a side but received a plan for ${width} x ${height}.`,
    )
}
