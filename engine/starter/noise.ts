/** Value noise: smooth randomness over the plane, for clouds, bark and waves. */

/** A field of values in 0..1 that varies over about one unit of distance. */
export type Field = (x: number, y: number) => number

/** Integer hash after Chris Wellons' `lowbias32`, folded to 0..1. */
function lattice(column: number, row: number, seed: number): number {
  let bits = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ seed
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return ((bits ^ (bits >>> 16)) >>> 0) / 4294967296
}

const ease = (t: number): number => t * t * (3 - 2 * t)

/** The hash of the lattice cell that contains (x, y), not interpolated: for marks with one value per cell. */
export function cellValue(column: number, row: number, seed: number): number {
  return lattice(Math.floor(column), Math.floor(row), seed)
}

export function noise(seed: number): Field {
  return (x, y) => {
    const column = Math.floor(x)
    const row = Math.floor(y)
    const across = ease(x - column)
    const down = ease(y - row)
    const top = lattice(column, row, seed) * (1 - across) + lattice(column + 1, row, seed) * across
    const bottom = lattice(column, row + 1, seed) * (1 - across) + lattice(column + 1, row + 1, seed) * across
    return top * (1 - down) + bottom * down
  }
}

/** Sum of noise at doubling frequencies ("fractal Brownian motion"), again in 0..1. */
export function fractal(seed: number, octaves: number): Field {
  const layers = Array.from({ length: octaves }, (_, octave) => noise(seed + octave * 7919))
  return (x, y) => {
    let sum = 0
    let weight = 0.5
    let total = 0
    for (const layer of layers) {
      sum += layer(x, y) * weight
      total += weight
      weight *= 0.5
      x = x * 2 + 17.3
      y = y * 2 + 5.7
    }
    return sum / total
  }
}
