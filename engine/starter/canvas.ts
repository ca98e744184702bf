/** A small square picture in OKLab floats, so that blends are perceptually even. */
import { linearFromOklab, srgbFromLinear } from '../oklab.ts'
import type { Colour, Ramp } from './colour.ts'

export interface Canvas {
  /** Pixels a side. Shapes use coordinates from 0 to 1. */
  readonly size: number
  /** `size * size * 3`. */
  readonly lab: Float32Array
}

/** A value at each point: coverage 0..1, or a position on a ramp 0..1. */
export type Shade = (x: number, y: number) => number

/** Coverage, 0 outside of its box if it has one, so that small shapes are cheap. */
export interface Shape extends Shade {
  box?: Box
}

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

export function createCanvas(size: number): Canvas {
  return { size, lab: new Float32Array(size * size * 3) }
}

/** Blends colour over the canvas: `at` selects from the ramp, `cover` is the opacity. */
export function lay(canvas: Canvas, ramp: Ramp, at: Shade | number, cover: Shape | number = 1): void {
  const box = typeof cover === 'number' ? undefined : cover.box
  const { size, lab } = canvas
  const left = box ? Math.max(0, Math.floor(box.left * size)) : 0
  const top = box ? Math.max(0, Math.floor(box.top * size)) : 0
  const right = box ? Math.min(size, Math.ceil(box.right * size)) : size
  const bottom = box ? Math.min(size, Math.ceil(box.bottom * size)) : size
  const last = ramp.length - 1
  for (let row = top; row < bottom; row++) {
    const y = (row + 0.5) / size
    for (let column = left; column < right; column++) {
      const x = (column + 0.5) / size
      const share = Math.min(1, typeof cover === 'number' ? cover : cover(x, y))
      if (!(share > 0)) continue
      const position = Math.min(1, Math.max(0, typeof at === 'number' ? at : at(x, y))) * last
      const stop = Math.min(last, Math.floor(position))
      const from = ramp[stop]!
      const to = ramp[Math.min(last, stop + 1)]!
      const between = position - stop
      const offset = (row * size + column) * 3
      for (let channel = 0; channel < 3; channel++) {
        const value = from[channel]! + (to[channel]! - from[channel]!) * between
        lab[offset + channel]! += (value - lab[offset + channel]!) * share
      }
    }
  }
}

/** Blends one flat colour. */
export function flat(canvas: Canvas, colour: Colour, cover: Shape | number = 1): void {
  lay(canvas, [colour], 0, cover)
}

export function meanColour({ lab }: Canvas): Colour {
  const sum: [number, number, number] = [0, 0, 0]
  for (let i = 0; i < lab.length; i++) sum[i % 3]! += lab[i]!
  const pixels = lab.length / 3
  return [sum[0] / pixels, sum[1] / pixels, sum[2] / pixels]
}

/**
 * Shifts the picture so that its mean is (mostly) `goal`; contrast that would exceed black..white is reduced.
 */
export function settle(canvas: Canvas, goal: Colour, strength = 1): void {
  const mean = meanColour(canvas)
  const { lab } = canvas
  const [L, a, b] = goal.map((value, channel) => mean[channel]! + (value - mean[channel]!) * strength) as [
    number,
    number,
    number,
  ]
  let darkest = 1
  let lightest = 0
  for (let i = 0; i < lab.length; i += 3) {
    darkest = Math.min(darkest, lab[i]!)
    lightest = Math.max(lightest, lab[i]!)
  }
  const room = Math.min(
    1,
    (0.99 - L) / Math.max(1e-6, lightest - mean[0]),
    (L - 0.02) / Math.max(1e-6, mean[0] - darkest),
  )
  // Keeps some contrast even if a few pixels clip, so that a white tile still shows its drawing.
  const ease = Math.max(0.35, room)
  for (let i = 0; i < lab.length; i += 3) {
    lab[i] = L + (lab[i]! - mean[0]) * ease
    lab[i + 1] = a + (lab[i + 1]! - mean[1]) * ease
    lab[i + 2] = b + (lab[i + 2]! - mean[2]) * ease
  }
}

/** Changes exposure like a camera: OKLab scales with the cube root of light. */
export function expose({ lab }: Canvas, factor: number): void {
  for (let i = 0; i < lab.length; i++) lab[i]! *= factor
}

/** 8-bit sRGB, `size * size * 3` bytes. */
export function srgbPixels({ lab }: Canvas): Uint8Array {
  const pixels = new Uint8Array(lab.length)
  for (let i = 0; i < lab.length; i += 3) {
    const light = linearFromOklab(lab[i]!, lab[i + 1]!, lab[i + 2]!)
    pixels[i] = srgbFromLinear(light[0])
    pixels[i + 1] = srgbFromLinear(light[1])
    pixels[i + 2] = srgbFromLinear(light[2])
  }
  return pixels
}
