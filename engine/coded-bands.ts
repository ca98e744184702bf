/** Bands of a JPEG joined from tiles that are coded once: for mosaics that show their tiles again and again. */
import { inOrder } from './in-order.ts'
import { encodeBand, jpegHeader, withHeader } from './jpeg-bands.ts'
import { type CodedTiles, joinTiles, unitSide } from './jpeg-tiles.ts'
import type { LargePicture } from './large-picture.ts'
import type { RenderTask } from './render.ts'
import { runOnThreads } from './threads.ts'

/** Pixels of all tiles: their code usually takes an eighth to a third of a byte each. */
const mostPixels = 2 ** 28
/** Of code, at the highest qualities. Its bits are counted in 31 bits. */
const mostBytes = 2 ** 27
/** Raw bytes of tiles that are coded at once, a few times at a time. */
const columnBytes = 2 ** 20
/** Longest side of a JPEG. */
const mostLines = 65_500

/**
 * Encodes bands that equal an encoding of their pixels byte for byte; undefined for mosaics whose cells are not
 * whole units of a JPEG, or differ even where they show the same tile, hardly repeat their tiles, or show too much
 * to keep in memory.
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
  const pixels = cell.width * cell.height
  const step = Math.floor(Math.min(columnBytes / (pixels * 3), mostLines / cell.height))
  if (count * 2 > cells.length || count * pixels > mostPixels || step < 1) return undefined

  /* A mosaic one cell wide, of each tile once. */
  const all = Uint32Array.from({ length: count }, (_, tile) => tile)
  const column = { ...picture, cells: all, grid: { ...grid, columns: 1, rows: count } }
  const firsts = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step)
  const run = { signal, threads }
  const encoded = inOrder(firsts, threads + 1, async (first) => {
    const height = Math.min(step, count - first) * cell.height
    const region = { top: first * cell.height, width: cell.width, height }
    const [rgb] = await runOnThreads('renderPixels', [{ ...column, ...region }], run)
    const jpeg = await encodeBand(rgb!, cell.width, height, quality)
    const data = jpegHeader(jpeg).length
    const [coded] = await runOnThreads('renderJpegTiles', [{ jpeg, data, width: cell.width, height }], run)
    /* A copy: a view would keep all of the JPEG. */
    return { header: Buffer.from(jpegHeader(jpeg)), coded: coded! }
  })
  const parts: { header: Buffer; coded: CodedTiles }[] = []
  let bytes = 0
  for await (const part of encoded) {
    bytes += part.coded.bits.byteLength
    if (bytes > mostBytes) return undefined
    parts.push(part)
  }
  const { header } = parts[0]!
  const tiles = joinTiles(parts.map(({ coded }) => coded))
  return async ({ top, height }) => {
    const [data] = await runOnThreads(
      'renderJpegBand',
      [{ cells, grid, cell, top, height, tiles, header }],
      run,
    )
    return withHeader(header, width, height, data!)
  }
}
