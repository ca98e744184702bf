import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { inOrder } from './in-order.ts'
import { bandsOf, writeLargePicture } from './large-picture.ts'
import { openRenderer, type Region } from './mosaic-renderer.ts'
import { type LargeFormat, longestSide } from './options.ts'
import { PictureError } from './picture-error.ts'
import type { MosaicPlan } from './plan.ts'
import { pyramidDescriptor, pyramidTiles } from './pyramid.ts'
import { sharp } from './sharp.ts'
import { runOnThreads } from './threads.ts'
import type { TileSet } from './tile-set.ts'

export interface ComposeInput {
  plan: MosaicPlan
  /** The set that the plan was made with, or one that still has the tiles in use. */
  tiles: TileSet
  /** An existing folder; `large.jpg` (or whatever the format) and `pyramid.zip` are put there when they are whole. */
  directory: string
  /** JPEG quality, 1..100. Default 85. */
  quality?: number
  /**
   * Whether to make `pyramid.zip`. Default true. `virtual`: with its descriptor alone, for tiles that `openVirtualPyramid`
   * renders when somebody looks.
   */
  pyramid?: boolean | 'virtual'
  /** In parts of about equal work. */
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
 * Makes the pictures of a plan. Holds the tiles in use and a few bands of pixels in memory, however large the mosaic.
 * Equal plans, tiles and quality give equal bytes, however many threads.
 *
 * @throws PictureError `tile_missing` when the tile set lacks tiles of the plan, `output_too_large`, `invalid_option`;
 * `signal.reason` within 2 s of an abort; errors of the file system as they come. No half-written file is left.
 */
export async function composeMosaic(input: ComposeInput): Promise<ComposedMosaic> {
  const { plan, directory, signal, quality = 85 } = input
  const width = plan.grid.columns * plan.grid.cell
  const height = plan.grid.rows * plan.grid.cell
  refuse(width, height, plan.options.format, quality)
  const threads = input.threads ?? availableParallelism()
  const { pyramid = true } = input
  const taskOf = await openRenderer(plan, input.tiles, pyramid === true, { signal, threads })
  const render = async (region: Region) =>
    (await runOnThreads('renderRegion', [await taskOf(region)], { signal, threads }))[0]!

  const tiles = pyramid === true ? [...pyramidTiles(width, height)] : []
  let done = 0
  const step = () => input.onProgress?.(++done, bandsOf(height) + tiles.length)

  const { format } = plan.options
  const large = join(directory, `large.${extensionOf[format]}`)
  const zip = join(directory, 'pyramid.zip')
  const bytes = await whole(large, (path) =>
    writeLargePicture(path, { taskOf, width, height, format, quality, threads, signal, onBand: step }),
  )
  if (pyramid !== false)
    await whole(zip, async (path) => {
      const archive = new ZipFile()
      const stored = { compress: false, mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644 }
      const writing = pipeline(archive.outputStream, createWriteStream(path))
      writing.catch(() => {})
      archive.addBuffer(Buffer.from(pyramidDescriptor(width, height)), 'mosaic.dzi', stored)
      const encoded = inOrder(tiles, threads + 2, async (tile) => ({
        name: `mosaic_files/${tile.name}.jpg`,
        jpeg: await sharp(await render(tile), {
          raw: { width: tile.width, height: tile.height, channels: 3 },
        })
          .jpeg({ quality })
          .toBuffer(),
      }))
      for await (const { name, jpeg } of encoded) {
        archive.addBuffer(jpeg, name, stored)
        const stream = archive.outputStream as PassThrough
        if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), writing])
        step()
      }
      archive.end()
      await writing
    })
  return { large: { path: large, width, height, bytes }, pyramid: { path: zip } }
}

/** Writes beside the final place and moves there at the end: what is at `path` is whole or not there. */
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
