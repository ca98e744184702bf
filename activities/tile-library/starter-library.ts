import { setImmediate } from 'node:timers/promises'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { drawStarterPicture, starterCount } from '../../engine/starter/draw-tile.ts'
import { describeTile, tileId } from '../../engine/tile.ts'
import { createOnce, type DatedTile, putSegment } from './merge-segments.ts'

/** Name of the library that is there from the start. */
export const starterLibrary = 'starter'

/** Put last: who finds it has nothing to draw. Raise the number when the pictures change. */
const drawnKey = `${starterLibrary}/drawn-1.json`

/** So that every process that draws writes the same bytes under the same name. */
const addedAt = 1

/** Within one process whoever comes second waits for the first. */
const drawing = new WeakMap<ObjectStore, Promise<{ drawn: number }>>()

/**
 * Makes sure that there is a library to make mosaics of without any photo: draws it, once for each store, in about
 * ten seconds of one core, on this thread but in slices of a picture. Two processes at once store the same thing.
 *
 * @param options.signal ends the waiting, not the drawing: others may wait for it too, and the next ones need it
 * @returns how many pictures were drawn: 0 when they were there
 */
export function ensureStarterLibrary(options: {
  store: ObjectStore
  onProgress?: (progress: { done: number; total: number }) => void
  signal?: AbortSignal
}): Promise<{ drawn: number }> {
  const { store, onProgress, signal } = options
  const ensured = drawing.get(store) ?? ensure(store, onProgress).finally(() => drawing.delete(store))
  drawing.set(store, ensured)
  return new Promise((resolve, reject) => {
    ensured.then(resolve, reject)
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function ensure(
  store: ObjectStore,
  onProgress?: (progress: { done: number; total: number }) => void,
): Promise<{ drawn: number }> {
  if (await store.head('raw', drawnKey)) return { drawn: 0 }
  const tiles: DatedTile[] = []
  for (let n = 0; n < starterCount; n++) {
    const { name, pixels } = drawStarterPicture(n)
    tiles.push({ ...describeTile({ id: tileId(pixels), source: `starter/${name}` }, pixels), addedAt })
    if (n % 8 === 7) {
      onProgress?.({ done: n + 1, total: starterCount })
      await setImmediate()
    }
  }
  await putSegment(store, starterLibrary, tiles)
  await createOnce(store, drawnKey, Buffer.from(JSON.stringify({ tiles: starterCount })), 'application/json')
  return { drawn: starterCount }
}
