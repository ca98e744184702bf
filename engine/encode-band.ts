import { encodePngBand, type PngBand } from './png-bands.ts'
import { type RenderTask, renderRegion } from './render.ts'
import { encodeTiffBand } from './tiff-bands.ts'

/** On a thread: renders a band and compresses it there, so that raw pixels never leave the thread. */
export function renderPngBand(task: RenderTask & { last: boolean }): PngBand {
  return encodePngBand(renderRegion(task), task.width, task.height, task.last)
}

/** On a thread. */
export function renderTiffBand(task: RenderTask): Uint8Array {
  return encodeTiffBand(renderRegion(task), task.width, task.height)
}
