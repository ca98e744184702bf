/** Bands of a JPEG joined from tiles that are coded once: for mosaics that show their tiles again and again. */
import { inOrder } from './in-order.ts'
import { encodeBand, jpegHeader, withHeaderOf } from './jpeg-bands.ts'
import { type CodedTiles, joinTiles, unitSide } from './jpeg-tiles.ts'
import type { LargePicture } from './large-picture.ts'
import type { RenderTask } from './render.ts'
import { runOnThreads } from './threads.ts'

/** Coded tiles take an eighth to a third of a byte a pixel: 200 MB at most. */
const mostPixels = 2 ** 29
/** Raw bytes of tiles that are coded at once, a few times at a time. */
const columnBytes = 2 ** 20
/** Longest side of a JPEG. */
const mostLines = 65_500

/**
 * Encodes bands that equal an encoding of their pixels byte for byte; undefined for mosaics whose cells are not
 * whole units of a JPEG, or differ even where they show the same tile, or hardly repeat their tiles.
 */
export async function openCodedBands(
  large: LargePicture,
): Promise<((band: RenderTask) => Promise<Buffer>) | undefined> {
  const { width, quality, signal, threads } = large
  const picture = large.taskOf({ halvings: 0, left: 0, top: 0, width: 0, height: 0 })
  const { cell, cells, grid } = picture
  const isWhole = cell.width % unitSide === 0 && cell.height % unitSide === 0
  if (!isWhole || grid.layout || grid.places || picture.tones || picture.overlay) return undefined
  const count = cells.reduce((most, tile) => Math.max(most, tile), 0) + 1
  if (count * 2 > cells.length || count * cell.width * cell.height > mostPixels) return undefined

  /* A mosaic one cell wide, of each tile once. */
  const all = new Uint32Array(new SharedArrayBuffer(count * 4)).map((_, tile) => tile)
  const column = { ...picture, cells: all, grid: { ...grid, columns: 1, rows: count } }
  const step = Math.max(
    1,
    Math.min(Math.floor(columnBytes / (cell.width * cell.height * 3)), Math.floor(mostLines / cell.height)),
  )
  const firsts = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step)
  const run = { signal, threads }
  const encoded = inOrder(firsts, threads + 1, async (first) => {
    const height = Math.min(step, count - first) * cell.height
    const region = { top: first * cell.height, width: cell.width, height }
    const [pixels] = await runOnThreads('renderPixels', [{ ...column, ...region }], run)
    const jpeg = await encodeBand(pixels!, cell.width, height, quality)
    const data = jpegHeader(jpeg).length
    const [coded] = await runOnThreads('renderJpegTiles', [{ jpeg, data, width: cell.width, height }], run)
    return { jpeg, coded: coded! }
  })
  const parts: { jpeg: Buffer; coded: CodedTiles }[] = []
  for await (const part of encoded) parts.push(part)
  const like = parts[0]!.jpeg
  const tiles = joinTiles(parts.map(({ coded }) => coded))
  const header = jpegHeader(like)
  return async ({ top, height }) => {
    const [data] = await runOnThreads(
      'renderJpegBand',
      [{ cells, grid, cell, top, height, tiles, header }],
      run,
    )
    return withHeaderOf(like, width, height, data!)
  }
}
