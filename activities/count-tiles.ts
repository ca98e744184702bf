/** Count tiles: how many tiles a library has now. Reads it once, and changes nothing. */
import { cancellationSignal } from '@temporalio/activity'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { withHeartbeat } from './heartbeat.ts'
import { readLibrary } from './tile-library/index.ts'

export interface CountTilesInput {
  library: string
}

export function createCountTiles({ store }: { store: ObjectStore }) {
  /** @returns 0 if there is no such library */
  return async function countTiles({ library }: CountTilesInput): Promise<number> {
    const signal = cancellationSignal()
    return await withHeartbeat(async () => (await readLibrary(store, library, signal)).tiles.size)
  }
}
