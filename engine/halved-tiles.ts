import type { Size } from './levels.ts'
import { linearFromSrgb, srgbFromLinear } from './oklab.ts'
import { type Falls, fallsInto, shrinkLight } from './shrink.ts'
import type { TileSheet } from './tile-painter.ts'
import { coneResponses } from './tone.ts'

export interface HalveTask {
  from: TileSheet
  /** To fill; each about half as large as the one before. */
  sheets: TileSheet[]
  /** The tiles to halve: the first, and one past the last. */
  first: number
  end: number
}

/** Allocates shared memory for tiles at several sizes. */
export const sheetsFor = (count: number, sizes: readonly Size[], toned: boolean): TileSheet[] =>
  sizes.map(({ width, height }) => {
    const pixels = new Uint8Array(new SharedArrayBuffer(count * width * height * 3))
    return { width, height, pixels, ...(toned && { responses: responsesFor(pixels) }) }
  })

/** Allocates what toned tiles are painted from. */
export const responsesFor = (pixels: Uint8Array): Uint16Array<SharedArrayBuffer> =>
  new Uint16Array(new SharedArrayBuffer(pixels.length * 2))

/**
 * Thread task: halves tiles repeatedly, rounding up odd sizes. Averages linear light, so that a mosaic seen
 * from afar keeps the colours its tiles were chosen by. One tile at a time: 5,500 of 64 px are 67 MB, and
 * four times as much as floats.
 */
export function halveTiles({ from, sheets, first, end }: HalveTask): void {
  const size = from.width * from.height * 3
  const light = new Float32Array(size)
  const steps = stepsOf(from, sheets)
  for (let tile = first; tile < end; tile++) {
    for (let i = 0; i < size; i++) light[i] = linearFromSrgb[from.pixels[tile * size + i]!]!
    let larger = light
    for (const step of steps) {
      step.shrink(larger)
      step.store(tile)
      larger = step.light
    }
  }
  for (const { pixels, responses, width, height } of [from, ...sheets]) {
    const part = [first * width * height * 3, end * width * height * 3] as const
    if (responses) coneResponses(pixels.subarray(...part), responses.subarray(...part))
  }
}

function stepsOf(from: Size, sheets: TileSheet[]) {
  let larger = from
  return sheets.map((sheet) => {
    const { width, height } = sheet
    const light = new Float32Array(width * height * 3)
    const before = larger
    larger = sheet
    const isHalf = before.width === width * 2 && before.height === height * 2
    const [across, down] = fallsBetween(before, sheet)
    return {
      light,
      shrink: (pixels: Float32Array) =>
        isHalf ? halve(pixels, before.width, light) : shrinkLight(pixels, before.width, across, down, light),
      store: (tile: number) => storeLight(light, sheet.pixels, tile),
    }
  })
}

/** How the pixels of a whole picture map to those of a smaller one. */
export const fallsBetween = (from: Size, to: Size): [across: Falls, down: Falls] => [
  fallsInto(0, to.width, to.width / from.width, from.width),
  fallsInto(0, to.height, to.height / from.height, from.height),
]

/** Writes one tile as sRGB. */
export function storeLight(light: Float32Array, pixels: Uint8Array, tile: number): void {
  for (let i = 0, to = tile * light.length; i < light.length; i++, to++)
    pixels[to] = srgbFromLinear(light[i]!)
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
