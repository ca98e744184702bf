/** Remove author: removes one person's tiles from a library, and keeps a list of them. */
import { buffer } from 'node:stream/consumers'
import { plain } from '../adapters/moderation/block-list.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectExists, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { withHeartbeat } from './heartbeat.ts'
import type { ObjectRef } from './objects.ts'
import { listTilesSoFar, removeTiles } from './tile-library/index.ts'

export interface RemoveAuthorInput {
  jobId: string
  library: string
  /** With or without `@`; case-insensitive. */
  handle: string
}

export interface RemovedTiles {
  removed: number
  /** Tiles in the library now. */
  size: number
  /** IDs of the removed tiles: a JSON list. */
  tiles: ObjectRef
}

export function createRemoveAuthor({ store }: { store: ObjectStore }) {
  return async function removeAuthor({ jobId, library, handle }: RemoveAuthorInput): Promise<RemovedTiles> {
    return await withHeartbeat(async () => {
      const wanted = plain('handle', handle)
      const found = (await listTilesSoFar({ store, library }))
        .filter(({ author }) => plain('handle', author?.handle ?? '') === wanted)
        .map(({ id }) => id)
      const tiles = layout.work.removedTiles(jobId)
      // Written before removing, and never overwritten: an earlier attempt may have removed tiles that this one no longer finds.
      const tileIds = await firstList(tiles, found)
      if (tileIds.length > 0) await removeTiles({ store, library, tileIds })
      const { length: size } = await listTilesSoFar({ store, library })
      return { removed: tileIds.length, size, tiles }
    })
  }

  async function firstList({ bucket, key }: layout.Place, ids: string[]): Promise<string[]> {
    try {
      await store.put(bucket, key, Buffer.from(JSON.stringify(ids)), {
        contentType: 'application/json',
        mode: 'create',
      })
      return ids
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error
      return JSON.parse((await buffer((await store.get(bucket, key)).body)).toString()) as string[]
    }
  }
}
