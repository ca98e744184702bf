import { checkpoint, type Shared } from './checkpoint.ts'
import type { MosaicOptions } from './options.ts'
import { blockSums, similarity, sumBlocks, sumProducts } from './structural-similarity.ts'
import { featureLength } from './tile-set.ts'
import { coneResponses, meanColour, paintToned, toneDescription, toneLength, toneSteps } from './tone.ts'

/** Side in pixels at which a toned tile is compared with its original. */
export const comparedSide = 32
/** SSIM that bounded tone keeps to the original. Rounding in the mosaic lowers it by at most a thousandth. */
export const leastSimilarity = 0.9
const allowed = 1 - leastSimilarity - 0.002
/** Below this fraction of the desired change the tile is left as it is. */
const shortest = 1 / 32
/** Limits on the change of contrast; tiles whose structure opposes the cell's are only damped. */
const gains = { bounded: { least: 0.75, most: 1.25 }, full: { least: 0.3, most: 2 } }

export interface ToneTask {
  tone: Exclude<MosaicOptions['tone'], 'off'>
  /** Descriptions. */
  cells: Float32Array
  tiles: Float32Array
  /** The tile of each cell. */
  chosen: Uint32Array
  /** Cells ordered by tile; this task does `from` to `to` (exclusive). */
  order: Uint32Array
  from: number
  to: number
  /** sRGB of the tiles in use at {@link comparedSide}, and the position of each tile in it. */
  pixels: Uint8Array
  place: Uint32Array
  /** Results per cell: the tone, and the description of the toned tile. */
  tones: Int16Array
  toned: Float32Array
  shared: Shared
}

/** Thread task: chooses the gain and offset of each cell's tile. */
export function chooseTones(task: ToneTask): void {
  const { tiles, chosen, order, tones, toned } = task
  const similar = similarityOfTones(task)
  const wish: Wish = { gain: 1, offset: [0, 0, 0] }
  for (let n = task.from; n < task.to; n++) {
    const cell = order[n]!
    const tile = chosen[cell]!
    const at = cell * toneLength
    const put = (gain: number, offset: Wish['offset'], part: number): void => {
      tones[at] = Math.round((1 + (gain - 1) * part) * toneSteps)
      for (let i = 0; i < 3; i++) tones[at + 1 + i] = Math.round(offset[i]! * part * toneSteps)
    }
    wishFor(task, cell, tile, gains[task.tone], wish)
    put(wish.gain, wish.offset, 1)
    if (task.tone === 'bounded') {
      let part = 1
      for (let lost = 1 - similar(tile, at); lost > allowed && part > 0; lost = 1 - similar(tile, at)) {
        /*
         * The loss grows about quadratically. The step is a little shorter than that implies, to avoid
         * repeated near misses.
         */
        part = part < shortest ? 0 : part * Math.min(0.98 * Math.sqrt(allowed / lost), 0.95)
        put(wish.gain, wish.offset, part)
      }
    }
    toneDescription(tiles, tile, tones, at, toned, cell * featureLength)
    if ((n & 63) === 63) checkpoint(task.shared, 64)
  }
  checkpoint(task.shared, (task.to - task.from) & 63)
}

interface Wish {
  gain: number
  offset: [number, number, number]
}

/**
 * The gain that projects the tile's structure onto the cell's, and the offset that then equalises their
 * means.
 */
function wishFor(
  { cells, tiles }: ToneTask,
  cell: number,
  tile: number,
  gains: { least: number; most: number },
  wish: Wish,
): void {
  const c = cell * featureLength
  const t = tile * featureLength
  const samples = featureLength / 3
  let product = 0
  let square = 0
  const meanC = [0, 0, 0]
  const meanT = [0, 0, 0]
  for (let i = 0; i < featureLength; i++) {
    meanC[i % 3]! += cells[c + i]! / samples
    meanT[i % 3]! += tiles[t + i]! / samples
  }
  for (let i = 0; i < featureLength; i++) {
    const apart = tiles[t + i]! - meanT[i % 3]!
    product += (cells[c + i]! - meanC[i % 3]!) * apart
    square += apart * apart
  }
  const best = square > 0 ? product / square : 1
  wish.gain = Math.min(gains.most, Math.max(gains.least, best))
  for (let i = 0; i < 3; i++) wish.offset[i] = meanC[i]! - wish.gain * meanT[i]!
  /*
   * OKLab means differ slightly from the colour seen from afar, a mean of linear light: two corrections get
   * within 0.0002.
   */
  const wanted = meanColour(cells, c)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < featureLength; i++) scratch[i] = tiles[t + i]! * wish.gain + wish.offset[i % 3]!
    const now = meanColour(scratch, 0)
    for (let i = 0; i < 3; i++) wish.offset[i]! += wanted[i]! - now[i]!
  }
}
const scratch = new Float32Array(featureLength)

/** SSIM of a toned tile to its original. Cells are ordered by tile, so the last tile's sums are kept. */
function similarityOfTones({ pixels, place, tones }: ToneTask): (tile: number, tone: number) => number {
  const size = comparedSide ** 2 * 3
  const responses = new Uint16Array(size)
  const painted = new Uint8Array(size)
  const original = blockSums(comparedSide)
  const changed = blockSums(comparedSide)
  const products = new Float64Array(original.values.length)
  let last = -1
  let rgb = pixels
  return (tile, tone) => {
    if (tile !== last) {
      rgb = pixels.subarray(place[tile]! * size, (place[tile]! + 1) * size)
      coneResponses(rgb, responses)
      sumBlocks(rgb, comparedSide, original)
      last = tile
    }
    paintToned(responses, 0, size, tones, tone, painted, 0)
    sumBlocks(painted, comparedSide, changed)
    sumProducts(rgb, painted, comparedSide, products)
    return similarity(original, changed, products, comparedSide)
  }
}
