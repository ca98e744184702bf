/** Bands of a JPEG joined from tiles that are coded once: for mosaics that show their tiles again and again. */
import { inOrder } from './in-order.ts'
import { encodeBand, jpegHeader, withHeader } from './jpeg-bands.ts'
import { differenceCodes, huffmanTables } from './jpeg-huffman.ts'
import { type CodedTiles, joinTiles, sizeOf, unitSide } from './jpeg-tiles.ts'
import { longestJpegSide } from './large-format.ts'
import type { LargePicture } from './large-picture.ts'
import { ranges } from './ranges.ts'
import type { RenderTask } from './render.ts'
import { runOnThreads } from './threads.ts'

/** What tiles may take in all. */
const most = {
  pixels: 2 ** 28,
  /** Of code, which usually takes an eighth to a third of a byte a pixel. Its bits are counted in 31 bits. */
  bytes: 2 ** 27,
}
/** Raw bytes of tiles that are coded at once, a few times at a time. */
const columnBytes = 2 ** 20

/**
 * Encodes bands that equal an encoding of their pixels byte for byte; undefined for mosaics whose cells are not
 * whole units of a JPEG, or differ even where they show the same tile, hardly repeat their tiles, or show too much
 * to keep in memory.
 */
export async function openCodedBands(
  large: LargePicture,
  limits: typeof most = most,
): Promise<((band: RenderTask) => Promise<Buffer>) | undefined> {
  const { width, quality, signal, threads } = large
  const picture = large.taskOf({ halvings: 0, left: 0, top: 0, width: 0, height: 0 })
  const { cell, cells, grid } = picture
  const isWhole = cell.width % unitSide === 0 && cell.height % unitSide === 0
  if (!isWhole || grid.layout || grid.places || picture.tones || picture.overlay) return undefined
  const count = cells.reduce((most, tile) => Math.max(most, tile), 0) + 1
  const pixels = cell.width * cell.height
  const step = Math.floor(Math.min(columnBytes / (pixels * 3), longestJpegSide / cell.height))
  if (count * 2 > cells.length || count * pixels > limits.pixels || step < 1) return undefined

  const run = { signal, threads }
  const encoded = inOrder(ranges(count, step), threads + 1, async ([first, end]) => {
    /* A mosaic one cell wide, of each of some tiles once. */
    const rows = end - first
    const tiles = Uint32Array.from({ length: rows }, (_, i) => first + i)
    const column = { ...picture, cells: tiles, grid: { ...grid, columns: 1, rows } }
    const size = { width: cell.width, height: rows * cell.height }
    const [rgb] = await runOnThreads('renderPixels', [{ ...column, ...size }], run)
    const jpeg = await encodeBand(rgb!, size.width, size.height, quality)
    const header = jpegHeader(jpeg)
    const [coded] = await runOnThreads('renderJpegTiles', [{ ...size, jpeg, data: header.length }], run)
    /* A copy: a view would keep all of the JPEG. */
    return { header: Buffer.from(header), coded: coded! }
  })
  const parts: CodedTiles[] = []
  let header = Buffer.alloc(0)
  let bytes = 0
  for await (const part of encoded) {
    bytes += sizeOf(part.coded)
    if (bytes > limits.bytes) return undefined
    parts.push(part.coded)
    header = part.header
  }
  const tiles = joinTiles(parts)
  const tables = huffmanTables(header)
  const differences = [differenceCodes(tables.get(0)!), differenceCodes(tables.get(1)!)] as const
  return async ({ top, height }) => {
    const [data] = await runOnThreads(
      'renderJpegBand',
      [{ cells, grid, cell, top, height, tiles, differences }],
      run,
    )
    return withHeader(header, width, height, data!)
  }
}
