import { expect, test } from 'vitest'
import { placedSimilarity } from '../../engine/placed-similarity.ts'
import { inPlaceOrder, type Place } from '../../engine/places.ts'
import { structuralSimilarity } from '../../engine/structural-similarity.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { random } from './pictures.ts'

const samples = (cells: number, seed: number) => {
  const next = random(seed)
  return Uint8Array.from({ length: cells * featureLength }, () => next() * 256)
}
const whole = (columns: number, rows: number, side = 1, left = 0): Place[] =>
  Array.from({ length: columns * rows }, (_, i) => ({
    ...{ side, column: left + (i % columns) * side, row: Math.floor(i / columns) * side },
  }))
/** The cells' samples as one picture, row by row. */
function asPicture(of: Uint8Array, columns: number, rows: number): Uint8Array {
  const out = new Uint8Array(of.length)
  for (let y = 0; y < rows * 4; y++)
    for (let x = 0; x < columns * 4; x++) {
      const cell = Math.floor(y / 4) * columns + Math.floor(x / 4)
      const from = cell * featureLength + ((y % 4) * 4 + (x % 4)) * 3
      out.set(of.subarray(from, from + 3), (y * columns * 4 + x) * 3)
    }
  return out
}
const seen = (of: Uint8Array, and: Uint8Array, places: Place[]) =>
  placedSimilarity(of, and, (cell) => cell * featureLength, inPlaceOrder(places))

test.each([1, 2, 8])('cells of one side, %i, have the similarity of a plain grid', (side) => {
  const [a, b] = [samples(24, 1), samples(24, 2)]
  const plain = structuralSimilarity(asPicture(a, 6, 4), asPicture(b, 6, 4), 24)
  expect(seen(a, b, whole(6, 4, side))).toBeCloseTo(plain, 10)
  expect(seen(a, a, whole(6, 4, side))).toBeCloseTo(1, 10)
})

test('sizes are weighted by area, and no window crosses from one size to another', () => {
  const large = [samples(4, 3), samples(4, 4)] as const
  const small = [samples(4, 5), samples(4, 6)] as const
  const of = (pair: readonly [Uint8Array, Uint8Array]) =>
    structuralSimilarity(asPicture(pair[0], 2, 2), asPicture(pair[1], 2, 2), 8)
  const joined = (i: 0 | 1) => Uint8Array.from([...large[i], ...small[i]])
  const places = [...whole(2, 2, 2), ...whole(2, 2, 1, 4)]
  expect(seen(joined(0), joined(1), places)).toBeCloseTo((of(large) * 4 + of(small)) / 5, 10)
})

test('windows with missing cells are skipped; without a complete window there is no similarity', () => {
  const [a, b] = [samples(5, 7), samples(5, 8)]
  const gap = [...whole(2, 2), { column: 3, row: 0, side: 1 }]
  const first = (of: Uint8Array) => asPicture(of.subarray(0, 4 * featureLength), 2, 2)
  /* In place order, the fifth cell is between the others. */
  const order = (of: Uint8Array) =>
    Uint8Array.from(
      [0, 1, 4, 2, 3].flatMap((cell) => [...of.subarray(cell * featureLength, (cell + 1) * featureLength)]),
    )
  expect(seen(order(a), order(b), gap)).toBeCloseTo(structuralSimilarity(first(a), first(b), 8), 10)
  expect(seen(a, b, whole(5, 1))).toBeUndefined()
})
