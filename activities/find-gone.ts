/** Find gone: finds out which of the posts behind tiles and mosaics have been deleted. */
import { cancellationSignal } from '@temporalio/activity'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { SocialError } from '../adapters/social/social-error.ts'
import { olderFirst, type SocialNetwork } from '../adapters/social/social-network.ts'
import { withHeartbeat } from './heartbeat.ts'
import { mosaicPosts, tilePosts } from './social/kept-posts.ts'
import { networkFailure, networkNotConfigured } from './social/network-failure.ts'

export interface FindGoneInput {
  network: string
  /** Resume after this post; absent: start at the oldest. */
  afterId?: string | undefined
  /** Maximum posts to look up: each is charged for. */
  limit: number
}

export interface GonePosts {
  gone: string[]
  lookedUp: number
  /** Where to resume if there are more posts. Absent: all have been looked up. */
  afterId?: string
}

/** Posts that networks look up in one call. */
const batch = 100
/** IDs in one result, which travels through Temporal. */
const goneAtMost = 1_000

export function createFindGone({
  store,
  networks,
}: {
  store: ObjectStore
  networks: readonly SocialNetwork[]
}) {
  return async function findGone({ network: name, afterId, limit }: FindGoneInput): Promise<GonePosts> {
    const network = networks.find((one) => one.name === name)
    if (!network) throw networkNotConfigured(name)
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      const kept = new Set<string>()
      for await (const { postId } of tilePosts(store, network)) kept.add(postId)
      for await (const { postId } of mosaicPosts(store, network)) kept.add(postId)
      const ids = [...kept]
        .filter((id) => afterId === undefined || olderFirst(afterId, id) < 0)
        .sort(olderFirst)
      const gone: string[] = []
      let lookedUp = 0
      while (lookedUp < Math.min(limit, ids.length) && gone.length < goneAtMost) {
        const asked = ids.slice(lookedUp, Math.min(lookedUp + batch, limit))
        try {
          gone.push(...(await network.findGone(asked, { signal })))
        } catch (error) {
          if (!(error instanceof SocialError)) throw error
          // Keep what was found so far; the next run continues from there.
          if (lookedUp > 0) break
          throw networkFailure(aboutLookUp(error), 60_000)
        }
        lookedUp += asked.length
        report(lookedUp, Math.min(limit, ids.length))
      }
      const last = ids[lookedUp - 1]
      return { gone, lookedUp, ...(lookedUp < ids.length && last !== undefined && { afterId: last }) }
    })
  }
}

/** With many posts asked for at once, a 404 is no word about any of them: this server has no such look-up, or has moved it. */
function aboutLookUp(error: SocialError): SocialError {
  const { code, message, retryable } = error
  if (code !== 'social_post_gone') return error
  return new SocialError('social_refused', `${message} Does this server have a look-up of posts?`, {
    retryable,
  })
}
