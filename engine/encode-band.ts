import { encodePngBand, type PngBand } from './png-bands.ts'
import { type RenderTask, renderRegion } from './render.ts'
import { handedOver } from './threads.ts'
import { encodeTiffBand } from './tiff-bands.ts'

/** On a thread: pixels of a region. */
export function renderPixels(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(renderRegion(task))
}

/** On a thread: renders a band and compresses it there, so that raw pixels never leave the thread. */
export function renderPngBand(task: RenderTask & { last: boolean }): PngBand {
  return encodePngBand(renderRegion(task), task.width, task.height, task.last, task.transparent ? 4 : 3)
}

/** On a thread. */
export function renderTiffBand(task: RenderTask): Uint8Array<ArrayBuffer> {
  return handedOver(encodeTiffBand(renderRegion(task), task.width, task.height, task.transparent ? 4 : 3))
}
