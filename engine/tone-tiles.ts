import { comparedSide, type ToneTask } from './choose-tones.ts'
import { orient } from './orientation.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { featureLength, pixelsOfTiles, type TileSet } from './tile-set.ts'
import type { TileVariants } from './tile-variants.ts'
import { toneLength } from './tone.ts'

/** Cells per thread task. */
const cellsPerTask = 4096

export interface TonedCells {
  /** Four numbers per cell: see `engine/tone.ts`. */
  tones: Int16Array<SharedArrayBuffer>
  /** The description of each cell's toned tile. */
  toned: Float32Array<SharedArrayBuffer>
  /** Identity indices into `toned`, one per cell. */
  own: Uint32Array<SharedArrayBuffer>
}

/** Chooses the tone of every cell's tile. The result does not depend on the number of threads. */
export async function toneTiles(
  tone: ToneTask['tone'],
  tiles: TileSet,
  variants: TileVariants,
  cells: Float32Array,
  chosen: Uint32Array,
  run: RunOptions,
): Promise<TonedCells> {
  const count = chosen.length
  const tones = new Int16Array(new SharedArrayBuffer(count * toneLength * 2))
  const toned = new Float32Array(new SharedArrayBuffer(count * featureLength * 4))
  /* Ordered by tile, because sums over a tile are reused for all its cells. */
  const order = numbered(count).sort((a, b) => chosen[a]! - chosen[b]! || a - b)
  const task = { tone, cells, tiles: variants.features, chosen, order, tones, toned }
  const pictures = await usedPixels(tiles, variants, chosen)
  const starts = Array.from({ length: Math.ceil(count / cellsPerTask) }, (_, i) => i * cellsPerTask)
  await runOnThreads(
    'chooseTones',
    starts.map((from) => ({ ...task, ...pictures, from, to: Math.min(count, from + cellsPerTask) })),
    run,
  )
  return { tones, toned, own: numbered(count) }
}

function numbered(count: number): Uint32Array<SharedArrayBuffer> {
  const numbers = new Uint32Array(new SharedArrayBuffer(count * 4))
  for (let i = 0; i < count; i++) numbers[i] = i
  return numbers
}

/** Pixels of the tiles in use, in memory shared by threads. */
async function usedPixels(
  tiles: TileSet,
  { tileOf, orientationOf, groups }: TileVariants,
  chosen: Uint32Array,
): Promise<Pick<ToneTask, 'pixels' | 'place'>> {
  const size = comparedSide ** 2 * 3
  const used = [...new Set(chosen)]
  const photos = [...new Set(used.map(tileOf))]
  const own = await pixelsOfTiles(tiles, photos, comparedSide, comparedSide)
  const at = new Map(photos.map((photo, i) => [photo, i]))
  const pixels = new Uint8Array(new SharedArrayBuffer(used.length * size))
  const place = new Uint32Array(new SharedArrayBuffer(groups.length * 4))
  used.forEach((variant, i) => {
    const from = at.get(tileOf(variant))! * size
    orient(own.subarray(from, from + size), comparedSide, orientationOf(variant), pixels, i * size)
    place[variant] = i
  })
  return { pixels, place }
}
