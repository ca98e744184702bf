import { Piscina } from 'piscina'
import { encodePngBand, type PngBand } from './png-bands.ts'
import { regionBytes } from './region.ts'
import { type RenderTask, renderRegion } from './render.ts'
import { encodeTiffBand } from './tiff-bands.ts'

/** Nothing: for whoever wants all of this loaded. */
export function ready(): void {}

/** On a thread: pixels of a region. */
export function renderPixels(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(renderRegion(task))
}

/**
 * Where each thread paints the bands that it compresses: one after the other in the same place. A new one for each is
 * garbage of megabytes that holds no objects, which V8 lets grow to a hundred of them on every thread.
 */
let paper = new Uint8Array(0)

function renderBand(task: RenderTask): Uint8Array<ArrayBuffer> {
  const length = regionBytes(task)
  if (paper.length < length) paper = new Uint8Array(length)
  return renderRegion(task, paper.subarray(0, length))
}

/** On a thread: renders a band and compresses it there, so that raw pixels never leave the thread. */
export function renderPngBand(task: RenderTask & { last: boolean }): PngBand {
  return encodePngBand(renderBand(task), task.width, task.height, task.last, task.transparent ? 4 : 3)
}

/** On a thread. */
export function renderTiffBand(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(encodeTiffBand(renderBand(task), task.width, task.height, task.transparent ? 4 : 3))
}

/** A thread's result that its caller gets without a copy: the thread has it no more. */
function handedOver<T extends ArrayBufferView>(bytes: T): T {
  /* A part of a buffer is copied all the same: who knows what else lies there. */
  return bytes.byteLength === bytes.buffer.byteLength ? (Piscina.move(bytes) as unknown as T) : bytes
}
