/**
 * Tone transfer: one gain and one offset in OKLab per cell, `colour * gain + offset`, which bring a tile
 * closer to its part of the target while it remains recognisable.
 *
 * A single gain for L, a and b is also a gain in the cone responses (OKLab is a linear map of their cube
 * roots), so painting a pixel needs no cube root.
 */
import { linearFromOklab, linearFromSrgb, oklabFromLinear, srgbFromLinear } from './oklab.ts'
import { featureLength } from './tile-set.ts'

/** Numbers per tone: gain, then L, a and b of the offset, in {@link toneSteps}. */
export const toneLength = 4
/** int16 steps per unit of gain and of OKLab offset: finer than 8 bits of sRGB. */
export const toneSteps = 2048

/** 16-bit steps of the cube root of a cone response, 0..1. */
const responseSteps = 65_535

/** Cube roots of the cone responses of sRGB pixels: three per pixel, in 16 bits. */
export function coneResponses(rgb: Uint8Array, out: Uint16Array): void {
  for (let i = 0; i < rgb.length; i += 3) {
    const r = linearFromSrgb[rgb[i]!]!
    const g = linearFromSrgb[rgb[i + 1]!]!
    const b = linearFromSrgb[rgb[i + 2]!]!
    out[i] = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) * responseSteps + 0.5
    out[i + 1] = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) * responseSteps + 0.5
    out[i + 2] = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) * responseSteps + 0.5
  }
}

/**
 * Paints toned pixels as sRGB.
 *
 * @param responses from {@link coneResponses}; `from` and `length` count numbers, three per pixel
 * @param tones of all cells; `tone` is the index of the first number of the tone to use
 */
export function paintToned(
  responses: Uint16Array,
  from: number,
  length: number,
  tones: Int16Array,
  tone: number,
  out: Uint8Array,
  to: number,
): void {
  const gain = tones[tone]! / toneSteps / responseSteps
  const L = tones[tone + 1]! / toneSteps
  const a = tones[tone + 2]! / toneSteps
  const b = tones[tone + 3]! / toneSteps
  const l0 = L + 0.3963377774 * a + 0.2158037573 * b
  const m0 = L - 0.1055613458 * a - 0.0638541728 * b
  const s0 = L - 0.0894841775 * a - 1.291485548 * b
  for (let i = from; i < from + length; i += 3, to += 3) {
    const l = responses[i]! * gain + l0
    const m = responses[i + 1]! * gain + m0
    const s = responses[i + 2]! * gain + s0
    const long = l * l * l
    const medium = m * m * m
    const short = s * s * s
    out[to] = srgbFromLinear(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short)
    out[to + 1] = srgbFromLinear(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short)
    out[to + 2] = srgbFromLinear(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short)
  }
}

/**
 * The description of a toned tile: what `describeCells` would give for the painted tile, apart from clipping.
 */
export function toneDescription(
  tiles: Float32Array,
  tile: number,
  tones: Int16Array,
  tone: number,
  out: Float32Array,
  to: number,
): void {
  const gain = tones[tone]! / toneSteps
  for (let i = 0; i < featureLength; i++)
    out[to + i] = tiles[tile * featureLength + i]! * gain + tones[tone + 1 + (i % 3)]! / toneSteps
}

const mean = new Float32Array(3)

/** OKLab of a description's mean in linear light: its colour from afar. */
export function meanColour(descriptions: Float32Array, at: number): readonly [number, number, number] {
  let [r, g, b] = [0, 0, 0]
  for (let i = at; i < at + featureLength; i += 3) {
    const light = linearFromOklab(descriptions[i]!, descriptions[i + 1]!, descriptions[i + 2]!)
    r += light[0]
    g += light[1]
    b += light[2]
  }
  const samples = featureLength / 3
  oklabFromLinear(r / samples, g / samples, b / samples, mean, 0)
  return [mean[0]!, mean[1]!, mean[2]!]
}
