import { linearFromSrgb, srgbFromLinear } from './oklab.ts'
import type { TileSheet } from './tile-painter.ts'
import { coneResponses } from './tone.ts'

export interface HalveTask extends TileSheet {
  /** Whether smaller sheets are wanted. */
  pyramid: boolean
  /** Whether tiles will be toned. */
  toned: boolean
}

/**
 * On a thread: tiles at half their size again and again, as long as it stays whole. Averaged in linear light, so that
 * a mosaic keeps its colours when seen from afar: those colours are what tiles were chosen by. A tile at a time: 5,500 of
 * 64 px are 67 MB, and would be four times as much as floats.
 */
export function halveTiles({ width, height, pixels, pyramid, toned }: HalveTask): TileSheet[] {
  const sheets: TileSheet[] = [{ width, height, pixels }]
  if (pyramid) halveAll(sheets, width, height, pixels)
  return toned ? sheets.map(withResponses) : sheets
}

function withResponses(sheet: TileSheet): TileSheet {
  const responses = new Uint16Array(new SharedArrayBuffer(sheet.pixels.length * 2))
  coneResponses(sheet.pixels, responses)
  return { ...sheet, responses }
}

function halveAll(sheets: TileSheet[], width: number, height: number, pixels: Uint8Array): void {
  const size = width * height * 3
  const count = pixels.length / size
  for (let w = width, h = height; w % 2 === 0 && h % 2 === 0; ) {
    w /= 2
    h /= 2
    sheets.push({ width: w, height: h, pixels: new Uint8Array(new SharedArrayBuffer(count * w * h * 3)) })
  }
  const halves = [
    new Float32Array(size),
    ...sheets.slice(1).map((sheet) => new Float32Array(sheet.width * sheet.height * 3)),
  ]
  for (let tile = 0; tile < count; tile++) {
    const light = halves[0]!
    for (let i = 0; i < size; i++) light[i] = linearFromSrgb[pixels[tile * size + i]!]!
    for (let level = 1; level < sheets.length; level++) {
      const half = halves[level]!
      halve(halves[level - 1]!, sheets[level - 1]!.width, half)
      const out = sheets[level]!.pixels
      const at = tile * half.length
      for (let i = 0; i < half.length; i++) out[at + i] = srgbFromLinear(half[i]!)
    }
  }
}

/** Means of 2 x 2 pixels of one tile. */
function halve(light: Float32Array, width: number, out: Float32Array): void {
  const line = width * 3
  for (let to = 0, from = 0; to < out.length; from += line) {
    for (const end = from + line; from < end; from += 6)
      for (let channel = 0; channel < 3; channel++, to++) {
        const i = from + channel
        out[to] = (light[i]! + light[i + 3]! + light[i + line]! + light[i + line + 3]!) / 4
      }
  }
}
