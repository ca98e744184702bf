import { averageAreas } from './features.ts'
import type { Grid } from './grid.ts'
import { linearFromOklab, oklabFromLinear, srgbFromLinear } from './oklab.ts'
import type { Pixels } from './pixels.ts'
import { placedSimilarity } from './placed-similarity.ts'
import type { Places } from './places.ts'
import { structuralSimilarity } from './structural-similarity.ts'
import { featureLength, samplesPerSide } from './tile-set.ts'

/**
 * Distance of a mosaic from its target: mean OKLab distance times 100 when both are averaged in linear light
 * to k x k samples per cell, k = 1, 2, 4. Lower is closer; 2 is about a just noticeable difference. Cells are
 * weighted by area.
 */
export interface Fidelity {
  k1: number
  k2: number
  k4: number
  /**
   * SSIM, -1 to 1, at the size at which a cell is 4 x 4 pixels, about that of a mosaic filling a screen.
   * Higher is closer. Cells of several sizes are each compared at 4 x 4 pixels, next to others of their size;
   * only cells count. Absent in older plans and where there are no 2 x 2 cells of one size.
   */
  ssim?: number
}

const levels = [1, 2, 4] as const

/** Thread task. */
export function comparePixels(task: {
  target: Pixels
  mosaic: Pixels
  columns: number
  rows: number
}): Fidelity {
  const { columns, rows } = task
  const at = (k: number) =>
    [task.target, task.mosaic].map(({ rgb, width, height }) =>
      averageAreas(rgb, width, height, columns * k, rows * k),
    ) as [Float32Array, Float32Array]
  const [target, mosaic] = at(samplesPerSide).map(srgbOf) as [Uint8Array, Uint8Array]
  return roundFidelity({
    ...measure((k) => {
      const [a, b] = at(k).map(toOklab) as [Float32Array, Float32Array]
      return meanDistance(a, b, a.length, (i) => i)
    }),
    ...similar(target, mosaic, columns, rows),
  })
}

/** Cells of a target, and what each shows. */
export interface ShownCells {
  cells: Float32Array
  tiles: Float32Array
  chosen: Uint32Array
  /** Of a plain grid. */
  columns?: number
  /** Of listed cells. */
  places?: Places
}

/** Thread task: half of the result of `comparePixels` for a mosaic, or some rows of it; not rounded. */
export function compareShown(task: ShownCells & { by: 'distance' | 'similarity' }): Partial<Fidelity> {
  return task.by === 'distance' ? distanceOf(task) : similarityOf(task)
}

function distanceOf(task: ShownCells): Pick<Fidelity, 'k1' | 'k2' | 'k4'> {
  const { cells, places } = task
  const areas =
    places && Float64Array.from({ length: places.length / 3 }, (_, cell) => places[cell * 3 + 2]! ** 2)
  const { tiles, chosen } = inUse(task)
  return measure((k) => {
    const length = k * k * 3
    const [a, b] = [pool(cells, k), pool(tiles, k)]
    return meanDistance(a, b, a.length, (i) => chosen[i / length]! * length, length, areas)
  })
}

function similarityOf(task: ShownCells): Pick<Fidelity, 'ssim'> {
  const { columns, places } = task
  const { tiles, chosen } = inUse(task)
  const [cells, shown] = [srgbOfOklab(task.cells), srgbOfOklab(tiles)]
  const start = (cell: number) => chosen[cell]! * featureLength
  if (places) {
    const ssim = placedSimilarity(cells, shown, start, places)
    return ssim === undefined ? {} : { ssim }
  }
  const rows = cells.length / featureLength / columns!
  return similar(
    pictureOf(cells, columns!, rows, (cell) => cell * featureLength),
    pictureOf(shown, columns!, rows, start),
    columns!,
    rows,
  )
}

/** The layout of cells `from` to `to` (exclusive). */
export function layoutOf(grid: Grid, from: number, to: number): { columns: number } | { places: Places } {
  const { columns, places } = grid
  return places ? { places: places.subarray(from * 3, to * 3) } : { columns }
}

/** Reduces to the chosen tiles: few of a library times eight orientations. */
function inUse({ tiles, chosen }: { tiles: Float32Array; chosen: Uint32Array }) {
  const places = new Map<number, number>()
  const own = chosen.map((tile) => {
    const place = places.get(tile) ?? places.size
    places.set(tile, place)
    return place
  })
  const features = new Float32Array(places.size * featureLength)
  for (const [tile, place] of places)
    features.set(tiles.subarray(tile * featureLength, (tile + 1) * featureLength), place * featureLength)
  return { tiles: features, chosen: own }
}

function measure(at: (k: number) => number): Pick<Fidelity, 'k1' | 'k2' | 'k4'> {
  const [k1, k2, k4] = levels.map((k) => at(k) * 100)
  return { k1: k1!, k2: k2!, k4: k4! }
}

export function roundFidelity({ k1, k2, k4, ssim }: Fidelity): Fidelity {
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3
  return {
    k1: rounded(k1),
    k2: rounded(k2),
    k4: rounded(k4),
    ...(ssim !== undefined && { ssim: rounded(ssim) }),
  }
}

/** Weighted mean of the fidelity of a mosaic's parts. */
export function joinFidelity(parts: readonly { fidelity: Fidelity; cells: number }[]): Fidelity {
  const mean = (of: (fidelity: Fidelity) => number | undefined) => {
    const measured = parts.filter(({ fidelity }) => of(fidelity) !== undefined)
    const cells = measured.reduce((sum, part) => sum + part.cells, 0)
    return measured.reduce((sum, part) => sum + (of(part.fidelity)! * part.cells) / cells, 0)
  }
  return roundFidelity({
    k1: mean(({ k1 }) => k1),
    k2: mean(({ k2 }) => k2),
    k4: mean(({ k4 }) => k4),
    ...(parts.some(({ fidelity }) => fidelity.ssim !== undefined) && { ssim: mean(({ ssim }) => ssim) }),
  })
}

function similar(a: Uint8Array, b: Uint8Array, columns: number, rows: number): Pick<Fidelity, 'ssim'> {
  if (columns < 2 || rows < 2) return {}
  return { ssim: structuralSimilarity(a, b, columns * samplesPerSide) }
}

/**
 * sRGB at 4 x 4 pixels per cell.
 * @param start where a cell's samples begin
 */
function pictureOf(
  samples: Uint8Array,
  columns: number,
  rows: number,
  start: (cell: number) => number,
): Uint8Array {
  const n = samplesPerSide
  const out = new Uint8Array(columns * rows * featureLength)
  for (let cell = 0; cell < columns * rows; cell++) {
    const from = start(cell)
    const to = (Math.floor(cell / columns) * n * columns + (cell % columns)) * n * 3
    for (let y = 0; y < n; y++)
      for (let i = 0; i < n * 3; i++) out[to + y * columns * n * 3 + i] = samples[from + y * n * 3 + i]!
  }
  return out
}

function srgbOfOklab(features: Float32Array): Uint8Array {
  const out = new Uint8Array(features.length)
  for (let i = 0; i < out.length; i += 3) {
    const [r, g, b] = linearFromOklab(features[i]!, features[i + 1]!, features[i + 2]!)
    out[i] = srgbFromLinear(r)
    out[i + 1] = srgbFromLinear(g)
    out[i + 2] = srgbFromLinear(b)
  }
  return out
}

const srgbOf = (light: Float32Array) => Uint8Array.from(light, srgbFromLinear)

/**
 * Mean distance of colours in `a` and `b`, in runs of `run` numbers; `start` maps a run of `a` to its
 * position in `b`.
 */
function meanDistance(
  a: Float32Array,
  b: Float32Array,
  end: number,
  start: (i: number) => number,
  run = 3,
  weights?: Float64Array,
): number {
  let all = 0
  let whole = 0
  for (let from = 0; from < end; from += run) {
    const other = start(from)
    const weight = weights?.[from / run] ?? 1
    let sum = 0
    for (let i = 0; i < run; i += 3) {
      const x = a[from + i]! - b[other + i]!
      const y = a[from + i + 1]! - b[other + i + 1]!
      const z = a[from + i + 2]! - b[other + i + 2]!
      /* Math.hypot is five times slower, for protection against overflow that colours do not need. */
      sum += Math.sqrt(x * x + y * y + z * z)
    }
    all += sum * weight
    whole += (run / 3) * weight
  }
  return all / whole
}

/** Descriptions at k x k samples, averaged in linear light from 4 x 4. */
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
