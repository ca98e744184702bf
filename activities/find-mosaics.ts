/** Find mosaics: finds the mosaics that use any of the given tiles. */
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { mosaicIds } from './social/kept-posts.ts'

export interface FindMosaicsInput {
  jobId: string
  /** IDs of tiles: a JSON list. */
  tiles: ObjectRef
  /** Number of this search within the job: each search writes its own list. */
  round: number
}

export interface FoundMosaics {
  /** IDs of mosaics: a JSON list. */
  mosaics: ObjectRef
  count: number
}

export function createFindMosaics({ store }: { store: ObjectStore }) {
  return async function findMosaics({ jobId, tiles, round }: FindMosaicsInput): Promise<FoundMosaics> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const wanted = new Set(
        JSON.parse(Buffer.from(await readObject(store, tiles, signal)).toString()) as string[],
      )
      const found: string[] = []
      let seen = 0
      if (wanted.size > 0)
        for await (const id of mosaicIds(store)) {
          signal.throwIfAborted()
          if (await uses(id, wanted, signal)) found.push(id)
          report(++seen, seen)
        }
      const mosaics = layout.work.foundMosaics(jobId, round)
      await store.put(mosaics.bucket, mosaics.key, Buffer.from(JSON.stringify(found)), {
        contentType: 'application/json',
      })
      return { mosaics, count: found.length }
    })
  }

  /** Compares tile IDs, not library names: a photo is the same tile in every library that has it. */
  async function uses(id: string, tiles: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
    try {
      const plan = JSON.parse(
        Buffer.from(await readObject(store, layout.mosaic.plan(id), signal)).toString(),
      ) as { tiles: { used: { id: string }[] } }
      return plan.tiles.used.some((tile) => tiles.has(tile.id))
    } catch (error) {
      // Deleted in the meantime.
      if (error instanceof ObjectNotFound) return false
      throw error
    }
  }
}
