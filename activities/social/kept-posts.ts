/** The posts of a network that something is kept of: tiles by the address they came from, mosaics by their ID. */
import { buffer } from 'node:stream/consumers'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { objectsUnder } from '../../adapters/object-store/objects-under.ts'
import type { SocialNetwork } from '../../adapters/social/social-network.ts'
import { listLibraries, listTiles, TileLibraryError } from '../tile-library/index.ts'

type Named = Pick<SocialNetwork, 'name' | 'postIdOf'>

export async function* tilePosts(
  store: ObjectStore,
  network: Named,
): AsyncGenerator<{ library: string; tileId: string; postId: string }> {
  for (const { name: library } of await listLibraries({ store }))
    for (const { id: tileId, source } of await tilesOf(store, library)) {
      const postId = network.postIdOf(source)
      if (postId !== undefined) yield { library, tileId, postId }
    }
}

/** Empty for a library without tiles, or one deleted while it is being read. */
async function tilesOf(store: ObjectStore, library: string) {
  try {
    return await listTiles({ store, library })
  } catch (error) {
    if (error instanceof TileLibraryError) return []
    throw error
  }
}

/** Mosaics that posts asked for. */
export async function* mosaicPosts(
  store: ObjectStore,
  { name }: Named,
): AsyncGenerator<{ jobId: string; postId: string }> {
  const prefix = `mosaic-${name}-`
  for await (const jobId of mosaicIds(store, prefix)) {
    if (ofInbox.test(jobId) && !(await wasAskedFor(store, jobId))) continue
    yield { jobId, postId: jobId.slice(prefix.length) }
  }
}

/** How the IDs of an inbox's mosaics end: with a part of a SHA-256. An inbox may be named `mastodon`, or `x-ray`. */
const ofInbox = /-[0-9a-f]{32}$/

async function wasAskedFor(store: ObjectStore, jobId: string): Promise<boolean> {
  const { bucket, key } = layout.mosaic.record(jobId)
  try {
    const record = JSON.parse((await buffer((await store.get(bucket, key)).body)).toString()) as {
      post?: unknown
    }
    return record.post !== undefined
  } catch (error) {
    // Deleted meanwhile.
    if (error instanceof ObjectNotFound) return false
    throw error
  }
}

/** Lists the records: without a record there is no mosaic. */
export async function* mosaicIds(store: ObjectStore, prefix = 'mosaic-'): AsyncGenerator<string> {
  for await (const { key } of objectsUnder(store, { bucket: 'small', key: prefix }))
    if (key.endsWith('.json')) yield key.slice(0, -'.json'.length)
}
