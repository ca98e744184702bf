/**
 * Shrinks by any factor, averaging linear light: a pixel that straddles the border of two smaller pixels
 * counts to both by area.
 */
import { linearFromSrgb, srgbFromLinear } from './oklab.ts'

/** Fractions of a pixel below this are ignored; accumulated steps miss integers by less. */
const rounding = 1e-6

/** How pixels map to those of a part of the shrunk picture, along one axis. */
export interface Falls {
  /** The first pixel of the part. */
  first: number
  count: number
  /** The shrunk pixel that each one falls into, relative to the part's start; -1 is the one before it. */
  into: Int32Array
  /** Fraction of it that falls there; the rest falls into the next. */
  share: Float32Array
  /** Total weight of each shrunk pixel, less at the far edge of the picture. */
  whole: Float32Array
}

/**
 * @param start of the part, in shrunk pixels, and its `length`
 * @param step size of a pixel in shrunk pixels, at most 1
 * @param end the number of pixels, a multiple of `group`
 * @param group pixels come in groups of this many; some may lie outside the part
 */
export function fallsInto(start: number, length: number, step: number, end: number, group = 1): Falls {
  const first = Math.floor(start / step / group + rounding) * group
  const count = Math.min(end, Math.ceil((start + length) / step / group - rounding) * group) - first
  const into = new Int32Array(count)
  const share = new Float32Array(count)
  const whole = new Float32Array(length)
  for (let i = 0; i < count; i++) {
    const from = (first + i) * step
    const to = Math.floor(from + rounding)
    into[i] = to - start
    share[i] = (to + 1 - from) / step > 1 - rounding ? 1 : (to + 1 - from) / step
    if (to >= start && to < start + length) whole[to - start]! += share[i]!
    if (to + 1 >= start && to + 1 < start + length) whole[to + 1 - start]! += 1 - share[i]!
  }
  return { first, count, into, share, whole }
}

/** Adds the linear light of line `y` to `sums`, times `share`, and to `next`, times `rest`. */
export type AddLine = (y: number, share: number, sums: Float32Array, rest: number, next: Float32Array) => void

/** @param line paints `across.count` sRGB pixels of line `y`, from `across.first` */
export function addPainted(across: Falls, line: (y: number, out: Uint8Array) => void): AddLine {
  const painted = new Uint8Array(across.count * 3)
  return function add(y, share, sums, rest, next) {
    line(y, painted)
    for (let i = 0; i < painted.length; i++) {
      const light = linearFromSrgb[painted[i]!]!
      sums[i]! += light * share
      if (rest > 0) next[i]! += light * rest
    }
  }
}

/**
 * Shrinks a part of a picture whose lines are produced on demand, each once.
 * @param out sRGB, 3 bytes per pixel of the part
 */
export function shrinkLines(across: Falls, down: Falls, out: Uint8Array, addLine: AddLine): void {
  const [width, height] = [across.whole.length, down.whole.length]
  let sums = new Float32Array(across.count * 3)
  let next = new Float32Array(sums.length)
  let y = down.into[0]!
  const finish = () => {
    if (y >= 0 && y < height) shrinkLine(sums, across, down.whole[y]!, out, y * width * 3)
    ;[sums, next] = [next, sums]
    next.fill(0)
    y++
  }
  for (let i = 0; i < down.count; i++) {
    if (down.into[i]! > y) finish()
    const share = down.share[i]!
    addLine(down.first + i, share, sums, share < 1 ? 1 - share : 0, next)
  }
  finish()
  if (y < height) finish()
}

function shrinkLine(sums: Float32Array, across: Falls, high: number, out: Uint8Array, to: number): void {
  const { into, share, whole, count } = across
  let [r, g, b] = [0, 0, 0]
  let x = into[0]!
  const write = () => {
    if (x < 0 || x >= whole.length) return
    const of = 1 / (whole[x]! * high)
    out[to + x * 3] = srgbFromLinear(r * of)
    out[to + x * 3 + 1] = srgbFromLinear(g * of)
    out[to + x * 3 + 2] = srgbFromLinear(b * of)
  }
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    if (into[i]! > x) {
      write()
      r = g = b = 0
      x++
    }
    const own = share[i]!
    r += sums[at]! * own
    g += sums[at + 1]! * own
    b += sums[at + 2]! * own
    if (own < 1) {
      write()
      x++
      r = sums[at]! * (1 - own)
      g = sums[at + 1]! * (1 - own)
      b = sums[at + 2]! * (1 - own)
    }
  }
  write()
}

/** Weights of a pixel in the shrunk pixel it falls into, and in the next. */
function parts({ into, share, whole }: Falls, pixel: number): readonly [number, number] {
  const own = share[pixel]!
  const to = into[pixel]!
  return own < 1 ? [own / whole[to]!, (1 - own) / whole[to + 1]!] : [1 / whole[to]!, 0]
}

/**
 * Means of linear light over the areas given by `across` and `down`.
 * @param out three numbers per area
 */
export function shrinkLight(
  light: Float32Array,
  width: number,
  across: Falls,
  down: Falls,
  out: Float32Array,
): void {
  const wide = across.whole.length
  out.fill(0)
  for (let y = 0, from = 0; y < down.count; y++)
    for (let x = 0; x < width; x++, from += 3) {
      const to = (down.into[y]! * wide + across.into[x]!) * 3
      const [own, rest] = parts(across, x)
      const [high, low] = parts(down, y)
      for (let channel = 0; channel < 3; channel++) {
        const value = light[from + channel]!
        out[to + channel]! += value * own * high
        if (rest > 0) out[to + 3 + channel]! += value * rest * high
        if (low > 0) out[to + wide * 3 + channel]! += value * own * low
        if (rest > 0 && low > 0) out[to + wide * 3 + 3 + channel]! += value * rest * low
      }
    }
}
