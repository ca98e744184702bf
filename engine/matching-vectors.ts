/**
 * What tiles and cells are compared by. Their 4 x 4 OKLab samples go through an orthonormal cosine transform (DCT-II, as
 * JPEG's, 4 x 4, per channel): distances stay what they were, but the mean colour and the coarse shape come to lie in
 * few values, so that most tiles are ruled out by those.
 */
import { featureLength, samplesPerSide } from './tile-set.ts'

const n = samplesPerSide
/** int16 steps of an OKLab unit. Black and white are 4 units apart times the mean's weight: far from overflow. */
export const steps = 2048
/**
 * How much more a wrong mean counts than the same error in detail: from afar, only means are seen. Chosen by
 * measurement, see docs/decisions.
 */
const meanWeight = 1.6

const cosines = Array.from({ length: n }, (_, k) =>
  Array.from(
    { length: n },
    (_, x) => Math.cos((Math.PI * (x + 0.5) * k) / n) * Math.sqrt((k === 0 ? 1 : 2) / n),
  ),
)
const weights = Float64Array.from({ length: featureLength }, (_, i) => steps * (i < 3 ? meanWeight : 1))

/** Which of the 48 values comes first, second, ...: those in which tiles differ most. */
export type ValueOrder = number[]

/** The transform of one description, weighted, in its natural order: frequencies row by row, channels innermost. */
function transform(features: Float32Array, at: number, out: Float64Array, half: Float64Array): void {
  for (let y = 0; y < n; y++)
    for (let k = 0; k < n; k++)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let x = 0; x < n; x++) sum += cosines[k]![x]! * features[at + (y * n + x) * 3 + c]!
        half[(y * n + k) * 3 + c] = sum
      }
  for (let v = 0; v < n; v++)
    for (let i = 0; i < n * 3; i++) {
      let sum = 0
      for (let y = 0; y < n; y++) sum += cosines[v]![y]! * half[y * n * 3 + i]!
      out[v * n * 3 + i] = sum * weights[v * n * 3 + i]!
    }
}

/** Transforms descriptions `from` to before `to`, each to 48 int16 in the given order. */
export function writeVectors(
  features: Float32Array,
  order: ValueOrder,
  vectors: Int16Array,
  from: number,
  to: number,
): void {
  const half = new Float64Array(featureLength)
  const values = new Float64Array(featureLength)
  for (let index = from; index < to; index++) {
    const at = index * featureLength
    transform(features, at, values, half)
    for (let i = 0; i < featureLength; i++) vectors[at + i] = Math.round(values[order[i]!]!)
  }
}

export interface TileIndex {
  valueOrder: ValueOrder
  /** `count * 48`, by ascending first value. */
  vectors: Int16Array<SharedArrayBuffer>
  /** The tile that lies at each position. */
  tileAt: Uint32Array<SharedArrayBuffer>
}

/** On a thread: makes tiles ready for search. */
export function indexTiles({ features }: { features: Float32Array }): TileIndex {
  const count = features.length / featureLength
  const natural = Array.from({ length: featureLength }, (_, i) => i)
  const unsorted = new Int16Array(features.length)
  writeVectors(features, natural, unsorted, 0, count)
  const spread = natural.map((value) => variance(unsorted, value))
  const valueOrder = natural.sort((a, b) => spread[b]! - spread[a]! || a - b)
  const first = (tile: number) => unsorted[tile * featureLength + valueOrder[0]!]!
  const tiles = Array.from({ length: count }, (_, tile) => tile).sort((a, b) => first(a) - first(b) || a - b)
  const vectors = new Int16Array(new SharedArrayBuffer(features.length * 2))
  tiles.forEach((tile, position) => {
    for (let i = 0; i < featureLength; i++)
      vectors[position * featureLength + i] = unsorted[tile * featureLength + valueOrder[i]!]!
  })
  const tileAt = new Uint32Array(new SharedArrayBuffer(count * 4))
  tileAt.set(tiles)
  return { valueOrder, vectors, tileAt }
}

function variance(vectors: Int16Array, value: number): number {
  let sum = 0
  let squares = 0
  let count = 0
  for (let i = value; i < vectors.length; i += featureLength, count++) {
    sum += vectors[i]!
    squares += vectors[i]! ** 2
  }
  return squares / count - (sum / count) ** 2
}
