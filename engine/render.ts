import { linearFromSrgb, srgbFromLinear } from './oklab.ts'
import { coneResponses, paintToned, toneLength } from './tone.ts'

/** All tiles of a mosaic at one size, `count * side * side * 3` bytes of sRGB. */
export interface TileSheet {
  side: number
  pixels: Uint8Array<SharedArrayBuffer>
  /** With tone transfer, what toned pixels are painted from: see `engine/tone.ts`. */
  responses?: Uint16Array<SharedArrayBuffer>
}

export interface RenderTask {
  /** At the size of a cell, then at half of it, and so on. */
  sheets: TileSheet[]
  /** A tile per cell, row by row. */
  cells: Uint32Array
  /** Gain and offset of each cell, when tiles take on their cells' colours. */
  tones?: Int16Array | undefined
  columns: number
  rows: number
  /** How many times the mosaic is halved. */
  halvings: number
  /** The region, in pixels of the halved mosaic. */
  left: number
  top: number
  width: number
  height: number
}

/**
 * On a thread: tiles at half their size again and again, as long as it stays whole. Averaged in linear light, so that
 * a mosaic keeps its colours when seen from afar: those colours are what tiles were chosen by.
 */
export function shrinkTiles({ side, pixels, pyramid, toned }: ShrinkTask): TileSheet[] {
  const sheets: TileSheet[] = [{ side, pixels }]
  if (pyramid) halveAll(sheets, side, pixels)
  return toned ? sheets.map(withResponses) : sheets
}

export interface ShrinkTask extends TileSheet {
  /** Whether smaller sheets are wanted. */
  pyramid: boolean
  /** Whether tiles will be toned. */
  toned: boolean
}

function withResponses(sheet: TileSheet): TileSheet {
  const responses = new Uint16Array(new SharedArrayBuffer(sheet.pixels.length * 2))
  coneResponses(sheet.pixels, responses)
  return { ...sheet, responses }
}

function halveAll(sheets: TileSheet[], side: number, pixels: Uint8Array): void {
  let light: Float32Array = Float32Array.from(pixels, (value) => linearFromSrgb[value]!)
  for (let size = side; size % 2 === 0; size /= 2) {
    light = halve(light, size)
    const halved = new Uint8Array(new SharedArrayBuffer(light.length))
    for (let i = 0; i < light.length; i++) halved[i] = srgbFromLinear(light[i]!)
    sheets.push({ side: size / 2, pixels: halved })
  }
}

/** Means of 2 x 2 pixels. As tiles are squares of even size below each other, all are one tall picture. */
function halve(light: Float32Array, width: number): Float32Array {
  const out = new Float32Array(light.length / 4)
  const line = width * 3
  for (let to = 0, from = 0; to < out.length; from += line) {
    for (const end = from + line; from < end; from += 6)
      for (let channel = 0; channel < 3; channel++, to++) {
        const i = from + channel
        out[to] = (light[i]! + light[i + 3]! + light[i + line]! + light[i + line + 3]!) / 4
      }
  }
  return out
}

/** On a thread: sRGB pixels of one region of a mosaic, 3 bytes each. Needs memory for the region only. */
export function renderRegion(task: RenderTask): Uint8Array<ArrayBuffer> {
  const sheet = task.sheets[Math.min(task.halvings, task.sheets.length - 1)]!
  const further = task.halvings - (task.sheets.length - 1)
  return further > 0 ? averageRegion(task, sheet, 2 ** further) : copyRegion(task, sheet)
}

function copyRegion(task: RenderTask, sheet: TileSheet): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(task.width * task.height * 3)
  for (let y = 0; y < task.height; y++)
    copyLine(task, sheet, task.top + y, task.left, out.subarray(y * task.width * 3, (y + 1) * task.width * 3))
  return out
}

/** Copies one line of pixels from the tiles that it crosses. */
function copyLine(
  task: RenderTask,
  { side, pixels, responses }: TileSheet,
  y: number,
  left: number,
  out: Uint8Array,
): void {
  const firstCell = Math.floor(y / side) * task.columns
  const lineInTile = (y % side) * side
  const right = left + out.length / 3
  for (let x = left; x < right; ) {
    const column = Math.floor(x / side)
    const inTile = x - column * side
    const run = Math.min(side - inTile, right - x)
    const from = (task.cells[firstCell + column]! * side * side + lineInTile + inTile) * 3
    if (task.tones && responses)
      paintToned(responses, from, run * 3, task.tones, (firstCell + column) * toneLength, out, (x - left) * 3)
    else out.set(pixels.subarray(from, from + run * 3), (x - left) * 3)
    x += run
  }
}

/** For sizes at which tiles are no whole pixels: means of `factor x factor` pixels, fewer at the far edges. */
function averageRegion(task: RenderTask, sheet: TileSheet, factor: number): Uint8Array<ArrayBuffer> {
  const { width, height } = task
  const out = new Uint8Array(width * height * 3)
  const left = task.left * factor
  const across = Math.min(width * factor, task.columns * sheet.side - left)
  const line = new Uint8Array(across * 3)
  const sums = new Float64Array(width * 3)
  for (let y = 0; y < height; y++) {
    const first = (task.top + y) * factor
    const last = Math.min(first + factor, task.rows * sheet.side)
    sums.fill(0)
    for (let row = first; row < last; row++) {
      copyLine(task, sheet, row, left, line)
      for (let x = 0; x < across; x++) {
        const to = Math.floor(x / factor) * 3
        for (let channel = 0; channel < 3; channel++)
          sums[to + channel]! += linearFromSrgb[line[x * 3 + channel]!]!
      }
    }
    for (let x = 0; x < width; x++) {
      const counted = Math.min(factor, across - x * factor) * (last - first)
      for (let channel = 0; channel < 3; channel++)
        out[(y * width + x) * 3 + channel] = srgbFromLinear(sums[x * 3 + channel]! / counted)
    }
  }
  return out
}
