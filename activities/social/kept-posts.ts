/** Posts of a network that tiles or mosaics come from: tiles by their source URL, mosaics by their ID. */
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
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
  for await (const jobId of mosaicIds(store, prefix)) yield { jobId, postId: jobId.slice(prefix.length) }
}

/** Lists the records: without a record there is no mosaic. */
export async function* mosaicIds(store: ObjectStore, prefix = 'mosaic-'): AsyncGenerator<string> {
  let after: string | undefined
  do {
    const { objects, next } = await store.list('small', { prefix, ...(after !== undefined && { after }) })
    for (const { key } of objects) if (key.endsWith('.json')) yield key.slice(0, -'.json'.length)
    after = next
  } while (after !== undefined)
}
