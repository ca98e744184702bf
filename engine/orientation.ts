/**
 * A turned or mirrored tile is another tile to the matcher but the same photo to the distance rule: eight
 * times the library without another photo.
 */
import type { MosaicOptions } from './options.ts'

/** 0: upright; +1: mirrored left to right; +2: upside down; +4: transposed, before either of them. */
export type Orientation = number

/**
 * Orientations of each option: mirrored ones look natural, all eight suit textures. Each is a range from 0.
 */
export const orientationsOf: Record<MosaicOptions['flips'], Orientation[]> = {
  off: [0],
  mirror: [0, 1],
  both: [0, 1, 2, 3],
  all: [0, 1, 2, 3, 4, 5, 6, 7],
}

/** Source index, in a square of `side * side`, of the pixel that an orientation moves to `(x, y)`. */
function sourceIndex(orientation: Orientation, side: number, x: number, y: number): number {
  const column = orientation & 1 ? side - 1 - x : x
  const row = orientation & 2 ? side - 1 - y : y
  return orientation & 4 ? column * side + row : row * side + column
}

/** Writes a square of `side * side` pixels, three numbers each, in an orientation to `out` at `at`. */
export function orient(
  square: ArrayLike<number>,
  side: number,
  orientation: Orientation,
  out: Float32Array | Uint8Array,
  at: number,
): void {
  for (let y = 0, to = at; y < side; y++)
    for (let x = 0; x < side; x++, to += 3) {
      const from = sourceIndex(orientation, side, x, y) * 3
      out[to] = square[from]!
      out[to + 1] = square[from + 1]!
      out[to + 2] = square[from + 2]!
    }
}

/**
 * Writes the central `width * height` of a square of `side * side` pixels, three numbers each, to `out` at
 * `at`.
 */
export function cutMiddle(
  square: ArrayLike<number>,
  side: number,
  width: number,
  height: number,
  out: Float32Array | Uint8Array,
  at: number,
): void {
  const left = (side - width) >> 1
  const top = (side - height) >> 1
  for (let y = 0, to = at; y < height; y++)
    for (let i = ((top + y) * side + left) * 3, end = i + width * 3; i < end; i++) out[to++] = square[i]!
}
