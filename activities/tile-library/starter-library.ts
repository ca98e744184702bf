import { setImmediate } from 'node:timers/promises'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { drawStarterPicture, starterCount } from '../../engine/starter/draw-tile.ts'
import { describeTile, tileId } from '../../engine/tile.ts'
import { createOnce, type DatedTile, putSegment } from './merge-segments.ts'
import { SharedWork } from './shared-work.ts'

/** Name of the library that exists from the start. */
export const starterLibrary = 'starter'

/** Written last, so its presence means that nothing is left to draw. Increase the number when the pictures change. */
const drawnKey = `${starterLibrary}/drawn-1.json`

/** Fixed, so that every process writes the same bytes to the same key. */
const addedAt = 1

/** In progress in this process: later callers wait for the first. */
const ensuring = new WeakMap<ObjectStore, SharedWork<{ drawn: number }>>()
let drawing: SharedWork<DatedTile[]> | undefined

/**
 * Makes sure that there is a library to make mosaics from before anybody adds photos. Draws it once per store, in about five
 * seconds of one core, on this thread but a few pictures at a time. Two processes at once store the same bytes.
 *
 * @param options.signal stops waiting, and drawing if nobody else waits
 * @returns number of pictures drawn: 0 if the library was there
 */
export function ensureStarterLibrary(options: {
  store: ObjectStore
  onProgress?: (progress: { done: number; total: number }) => void
  signal?: AbortSignal
}): Promise<{ drawn: number }> {
  const { store, onProgress, signal } = options
  let work = ensuring.get(store)
  if (!work?.open) {
    work = new SharedWork((stop) => ensure(store, stop, onProgress))
    ensuring.set(store, work)
  }
  return work.wait(signal)
}

async function ensure(
  store: ObjectStore,
  signal: AbortSignal,
  onProgress?: (progress: { done: number; total: number }) => void,
): Promise<{ drawn: number }> {
  if (await store.head('raw', drawnKey)) return { drawn: 0 }
  if (!drawing?.open) drawing = new SharedWork((stop) => drawTiles(stop, onProgress))
  await putSegment(store, starterLibrary, await drawing.wait(signal))
  await createOnce(store, drawnKey, Buffer.from(JSON.stringify({ tiles: starterCount })), 'application/json')
  return { drawn: starterCount }
}

async function drawTiles(
  signal: AbortSignal,
  onProgress?: (progress: { done: number; total: number }) => void,
): Promise<DatedTile[]> {
  const tiles: DatedTile[] = []
  for (let n = 0; n < starterCount; n++) {
    const { name, pixels } = drawStarterPicture(n)
    tiles.push({ ...describeTile({ id: tileId(pixels), source: `starter/${name}` }, pixels), addedAt })
    if (n % 8 === 7) {
      onProgress?.({ done: n + 1, total: starterCount })
      await setImmediate()
      signal.throwIfAborted()
    }
  }
  return tiles
}
