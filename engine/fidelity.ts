import { averageAreas } from './features.ts'
import { linearFromOklab, oklabFromLinear } from './oklab.ts'
import type { PictureLimits } from './picture.ts'
import { type Pixels, readPixels } from './target.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { featureLength, samplesPerSide } from './tile-set.ts'

/**
 * How far a mosaic is from its target: mean OKLab distance times 100 when both are averaged in linear light to
 * k x k samples per cell, k = 1, 2, 4. Lower is closer; 2 is about a just noticeable difference.
 */
export interface Fidelity {
  k1: number
  k2: number
  k4: number
}

const levels = [1, 2, 4] as const

/** Fidelity of two picture files, whoever made them. The grid is the mosaic's. @throws PictureError */
export async function comparePictures(
  target: Uint8Array,
  mosaic: Uint8Array,
  grid: { columns: number; rows: number },
  options: RunOptions & { limits?: PictureLimits } = {},
): Promise<Fidelity> {
  const pictures = await Promise.all([target, mosaic].map((bytes) => readPixels(bytes, options.limits)))
  const [fidelity] = await runOnThreads(
    'comparePixels',
    [{ target: pictures[0]!, mosaic: pictures[1]!, columns: grid.columns, rows: grid.rows }],
    options,
  )
  return fidelity!
}

/** On a thread. */
export function comparePixels(task: {
  target: Pixels
  mosaic: Pixels
  columns: number
  rows: number
}): Fidelity {
  const at = (k: number) => {
    const [a, b] = [task.target, task.mosaic].map(({ rgb, width, height }) =>
      toOklab(averageAreas(rgb, width, height, task.columns * k, task.rows * k)),
    )
    return meanDistance(a!, b!, a!.length, (i) => i)
  }
  return report(at)
}

/** On a thread: what `comparePixels` would say of a mosaic, from descriptions alone. */
export function comparePlan(task: {
  cells: Float32Array
  tiles: Float32Array
  chosen: Uint32Array
}): Fidelity {
  return report((k) => {
    const length = k * k * 3
    const cells = pool(task.cells, k)
    const tiles = pool(task.tiles, k)
    return meanDistance(cells, tiles, cells.length, (i) => task.chosen[i / length]! * length, length)
  })
}

function report(at: (k: number) => number): Fidelity {
  const [k1, k2, k4] = levels.map((k) => Math.round(at(k) * 1e5) / 1e3)
  return { k1: k1!, k2: k2!, k4: k4! }
}

/** Mean distance of the colours in `a` and `b`, in runs of `run` numbers; `start` tells where a run of `a` lies in `b`. */
function meanDistance(
  a: Float32Array,
  b: Float32Array,
  end: number,
  start: (i: number) => number,
  run = 3,
): number {
  let sum = 0
  for (let from = 0; from < end; from += run) {
    const other = start(from)
    for (let i = 0; i < run; i += 3) {
      const x = a[from + i]! - b[other + i]!
      const y = a[from + i + 1]! - b[other + i + 1]!
      const z = a[from + i + 2]! - b[other + i + 2]!
      /* Math.hypot is five times slower, for a care about overflow that colours don't need. */
      sum += Math.sqrt(x * x + y * y + z * z)
    }
  }
  return sum / (end / 3)
}

/** Descriptions at k x k samples, from those at 4 x 4: averaged in linear light again. */
function pool(features: Float32Array, k: number): Float32Array {
  if (k === samplesPerSide) return features
  const side = samplesPerSide / k
  const count = features.length / featureLength
  const sums = new Float32Array(count * k * k * 3)
  for (let i = 0, from = 0; i < count; i++) {
    for (let sample = 0; sample < samplesPerSide ** 2; sample++, from += 3) {
      const y = Math.floor(sample / samplesPerSide / side)
      const x = Math.floor((sample % samplesPerSide) / side)
      const to = (i * k * k + y * k + x) * 3
      const [r, g, b] = linearFromOklab(features[from]!, features[from + 1]!, features[from + 2]!)
      sums[to]! += r / (side * side)
      sums[to + 1]! += g / (side * side)
      sums[to + 2]! += b / (side * side)
    }
  }
  return toOklab(sums)
}

/** In place. */
function toOklab(light: Float32Array): Float32Array {
  for (let i = 0; i < light.length; i += 3) oklabFromLinear(light[i]!, light[i + 1]!, light[i + 2]!, light, i)
  return light
}
