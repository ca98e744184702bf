/**
 * Draws tiles larger than they are kept, line by line, so no enlarged tile is ever in memory. Catmull-Rom
 * cubic interpolation (Robert Keys, "Cubic convolution interpolation for digital image processing", 1981),
 * four pixels each way, in sRGB.
 */

/**
 * Where the pixels of an enlarged side lie in the kept one: the first of four neighbours, and their weights.
 */
interface Taps {
  first: Int32Array
  weights: Float32Array
}

export interface Enlargement {
  /** Size of the kept tile, pixels. */
  from: { width: number; height: number }
  across: Taps
  down: Taps
  /** One line of the kept tile, padded by two pixels at each end. */
  line: Float32Array
}

export function enlargement(
  from: { width: number; height: number },
  width: number,
  height: number,
): Enlargement {
  const line = new Float32Array((from.width + 4) * 3)
  return { from, across: taps(from.width, width), down: taps(from.height, height), line }
}

function taps(kept: number, drawn: number): Taps {
  const first = new Int32Array(drawn)
  const weights = new Float32Array(drawn * 4)
  for (let i = 0; i < drawn; i++) {
    const at = ((i + 0.5) * kept) / drawn - 0.5
    const left = Math.floor(at)
    const t = at - left
    first[i] = left - 1
    weights.set(
      [
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
      ],
      i * 4,
    )
  }
  return { first, weights }
}

/**
 * Writes pixels `x` to `x + length` (exclusive) of line `y` of an enlarged tile to `out`, starting at `to`.
 *
 * @param values three numbers per pixel, one kept tile after another
 * @param most the maximum value, at which overshoot of the cubic is clamped
 */
export function enlargeRun(
  { from, across, down, line }: Enlargement,
  values: Uint8Array | Uint16Array,
  tile: number,
  x: number,
  y: number,
  length: number,
  most: number,
  out: Uint8Array | Uint16Array,
  to: number,
): void {
  const stride = from.width * 3
  const start = tile * from.height * stride
  const row = (n: number) => start + Math.min(from.height - 1, Math.max(0, down.first[y]! + n)) * stride
  const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)]
  const w = down.weights
  const [v0, v1, v2, v3] = [w[y * 4]!, w[y * 4 + 1]!, w[y * 4 + 2]!, w[y * 4 + 3]!]
  /* Columns this run needs; the line begins two pixels before the tile. */
  const begin = Math.max(0, across.first[x]!)
  const end = Math.min(from.width, across.first[x + length - 1]! + 4)
  for (let i = begin * 3; i < end * 3; i++)
    line[i + 6] = values[r0 + i]! * v0 + values[r1 + i]! * v1 + values[r2 + i]! * v2 + values[r3 + i]! * v3
  for (let i = 0; i < 3; i++) {
    if (begin === 0) line[i] = line[i + 3] = line[i + 6]!
    if (end === from.width) line[stride + 6 + i] = line[stride + 9 + i] = line[stride + 3 + i]!
  }
  const { first, weights } = across
  for (let i = x; i < x + length; i++) {
    const w0 = weights[i * 4]!
    const w1 = weights[i * 4 + 1]!
    const w2 = weights[i * 4 + 2]!
    const w3 = weights[i * 4 + 3]!
    const at = (first[i]! + 2) * 3
    for (let channel = at; channel < at + 3; channel++, to++) {
      const value =
        line[channel]! * w0 +
        line[channel + 3]! * w1 +
        line[channel + 6]! * w2 +
        line[channel + 9]! * w3 +
        0.5
      out[to] = value < 0 ? 0 : value > most ? most : value
    }
  }
}
