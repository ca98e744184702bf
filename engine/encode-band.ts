import { Piscina } from 'piscina'
import { type CodedBand, joinCells } from './jpeg-tiles.ts'
import { encodePngBand, type PngBand } from './png-bands.ts'
import { regionBytes } from './region.ts'
import { type RenderTask, renderRegion } from './render.ts'
import { encodeTiffBand } from './tiff-bands.ts'

/** Thread task. */
export { codeTiles as renderJpegTiles } from './jpeg-tiles.ts'

/** Does nothing: loads this module ahead of work. */
export function ready(): void {}

/** Thread task: renders the pixels of a region. */
export function renderPixels(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(renderRegion(task))
}

/**
 * Each thread paints its bands into one reused buffer. Buffers of megabytes contain no objects, so V8
 * collects them late and would let a hundred MB of them accumulate on every thread.
 */
let bandBuffer = new Uint8Array(0)

function renderBand(task: RenderTask): Uint8Array<ArrayBuffer> {
  const length = regionBytes(task)
  if (bandBuffer.length < length) bandBuffer = new Uint8Array(length)
  return renderRegion(task, bandBuffer.subarray(0, length))
}

/** Thread task: renders and compresses a band, so that raw pixels never leave the thread. */
export function renderPngBand(task: RenderTask & { last: boolean }): PngBand {
  return encodePngBand(renderBand(task), task.width, task.height, task.last, task.transparent ? 4 : 3)
}

/** Thread task. */
export function renderTiffBand(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(encodeTiffBand(renderBand(task), task.width, task.height, task.transparent ? 4 : 3))
}

/** Thread task. */
export function renderJpegBand(band: CodedBand): Uint8Array<ArrayBuffer> {
  return handedOver(joinCells(band))
}

/** Transfers a result to the caller without copying; the thread loses access to it. */
function handedOver<T extends ArrayBufferView>(bytes: T): T {
  /* A view of part of a buffer is copied: the rest may still be in use. */
  return bytes.byteLength === bytes.buffer.byteLength ? (Piscina.move(bytes) as unknown as T) : bytes
}
