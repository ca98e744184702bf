/** Forget posts: removes everything made from deleted posts: tiles, mosaics and credits. A repeat is a no-op. */
import { buffer } from 'node:stream/consumers'
import { cancellationSignal } from '@temporalio/activity'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import type { SocialNetwork } from '../adapters/social/social-network.ts'
import { withHeartbeat } from './heartbeat.ts'
import { removeMosaic } from './remove-mosaic.ts'
import { mosaicIds, mosaicPosts, tilePosts } from './social/kept-posts.ts'
import { networkNotConfigured } from './social/network-failure.ts'
import { removeTiles } from './tile-library/index.ts'

export interface ForgetPostsInput {
  network: string
  ids: string[]
}

export interface Forgotten {
  tiles: number
  mosaics: number
  /** Other mosaics that use the tiles: their pictures stay, the credits are removed from their plans. */
  plans: number
}

export function createForgetPosts({
  store,
  gallery,
  networks,
}: {
  store: ObjectStore
  gallery: GalleryCache
  networks: readonly SocialNetwork[]
}) {
  return async function forgetPosts({ network: name, ids }: ForgetPostsInput): Promise<Forgotten> {
    const network = networks.find((one) => one.name === name)
    if (!network) throw networkNotConfigured(name)
    const signal = cancellationSignal()
    return await withHeartbeat(async () => {
      const gone = new Set(ids)
      const mosaics = await removeMosaics(network, gone)
      const tiles = await removeTilesOf(network, gone)
      let plans = 0
      for await (const jobId of mosaicIds(store)) {
        signal.throwIfAborted()
        if (await stripCredits(jobId, network, gone)) plans++
      }
      return { tiles, mosaics, plans }
    })
  }

  async function removeTilesOf(network: SocialNetwork, gone: ReadonlySet<string>): Promise<number> {
    const byLibrary = new Map<string, string[]>()
    for await (const { library, tileId, postId } of tilePosts(store, network))
      if (gone.has(postId)) byLibrary.set(library, [...(byLibrary.get(library) ?? []), tileId])
    let removed = 0
    for (const [library, tileIds] of byLibrary)
      removed += (await removeTiles({ store, library, tileIds })).removed
    return removed
  }

  /** Like deleting the job: the tombstone is written first, so that a step still running cannot bring the mosaic back. */
  async function removeMosaics(network: SocialNetwork, gone: ReadonlySet<string>): Promise<number> {
    let removed = 0
    for await (const { jobId, postId } of mosaicPosts(store, network)) {
      if (!gone.has(postId)) continue
      const tombstone = layout.tombstone(jobId)
      await store.put(tombstone.bucket, tombstone.key, new Uint8Array())
      await removeMosaic({ store, gallery }, jobId)
      removed++
    }
    return removed
  }

  async function stripCredits(
    jobId: string,
    network: SocialNetwork,
    gone: ReadonlySet<string>,
  ): Promise<boolean> {
    const { bucket, key } = layout.mosaic.plan(jobId)
    try {
      const plan = JSON.parse((await buffer((await store.get(bucket, key)).body)).toString()) as {
        tiles: { used: { source: string; author?: unknown }[] }
      }
      let found = false
      for (const tile of plan.tiles.used) {
        const postId = network.postIdOf(tile.source)
        if (postId === undefined || !gone.has(postId)) continue
        tile.source = 'removed'
        delete tile.author
        found = true
      }
      if (found)
        await store.put(bucket, key, Buffer.from(JSON.stringify(plan)), { contentType: 'application/json' })
      return found
    } catch (error) {
      if (error instanceof ObjectNotFound) return false
      throw error
    }
  }
}
