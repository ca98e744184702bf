/**
 * Listen: handles every post that asks for a mosaic, for an hour at a time. The heartbeat carries the position, so that the
 * next attempt resumes there after a crash or a deploy. A post seen twice is one job, because the job's ID comes from it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ApplicationFailure, activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import { ApplicationFailureCategory } from '@temporalio/common'
import { LRUCache } from 'lru-cache'
import { endingWith } from '../adapters/ending.ts'
import type { BlockList } from '../adapters/moderation/block-list.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { SocialError } from '../adapters/social/social-error.ts'
import {
  olderFirst,
  type PostQuery,
  type PostSource,
  type SeenPost,
  type SocialNetwork,
} from '../adapters/social/social-network.ts'
import { createBackoff } from './social/network-backoff.ts'
import { networkNotConfigured } from './social/network-failure.ts'
import { createTakePost, type MosaicStarter, type Wanted } from './social/take-post.ts'

export interface ListenInput {
  config: Wanted & { network: string; mode: 'mentions' | 'stream' }
  state: ListenState
}

export interface ListenState {
  /** When the listener was started, ms since 1970. */
  since: number
  /** Posts up to this one have been handled. */
  sinceId?: string
  mosaics: number
}

export interface ListenPace {
  /** Interval between polls of the mentions, ms. */
  poll: number
  /** Duration of one step, ms. */
  round: number
  /** Interval between polls that reach further back than the last post, ms: posts may show up late and out of order. */
  lookBack: number
  /** Factor for every backoff that the network did not name. */
  backoff: number
}

/** X allows 300 reads of the mentions per 15 minutes: one every 5 s is 180. */
const usualPace: ListenPace = { poll: 5_000, round: 60 * 60 * 1000, lookBack: 60_000, backoff: 1 }

/** How far such a poll reaches back, ms. X charges for a post once a day, however often it is read. */
const overlap = 2 * 60 * 1000

/** Half of the second to which workers throttle heartbeats. */
const heartbeatMs = 500

export function createListen({
  store,
  networks,
  mosaics,
  blocked,
  moderate,
  stopping,
  pace = usualPace,
}: {
  store: ObjectStore
  networks: readonly SocialNetwork[]
  mosaics: MosaicStarter
  blocked: BlockList
  /** What needs a moderator's approval. */
  moderate: readonly string[]
  /** Aborted when this worker shuts down: another one takes over at once. */
  stopping: AbortSignal
  pace?: ListenPace | undefined
}) {
  const takePost = createTakePost({ store, mosaics, blocked, review: moderate.includes('mosaics') })

  return async function listen({ config, state }: ListenInput): Promise<ListenState> {
    const network = networks.find(({ name }) => name === config.network)
    if (!network) throw networkNotConfigured(config.network)
    const lastBeat = activityInfo().heartbeatDetails as ListenState | undefined
    const began = lastBeat ?? state
    const progress: ListenState & { doing: 'listening' | 'waiting'; reason?: string } = {
      since: began.since,
      sinceId: began.sinceId ?? network.idAt(began.since),
      mosaics: began.mosaics,
      doing: 'listening',
    }
    const beat = () => heartbeat(progress)
    const timer = setInterval(beat, heartbeatMs)
    beat()
    const cancelled = cancellationSignal()
    using over = endingWith(cancelled, stopping)
    const round = setTimeout(over.end, pace.round)
    try {
      await untilOver(network, config, progress, over.signal)
    } finally {
      clearTimeout(round)
      clearInterval(timer)
    }
    if (stopping.aborted && !cancelled.aborted) {
      beat()
      throw ApplicationFailure.create({
        type: 'worker_stopping',
        message: 'This worker is shutting down: another one continues.',
        nextRetryDelay: 1,
        // Expected on every deploy: not worth a warning in the log.
        category: ApplicationFailureCategory.BENIGN,
      })
    }
    return { since: progress.since, sinceId: progress.sinceId!, mosaics: progress.mosaics }
  }

  async function untilOver(
    network: SocialNetwork,
    config: ListenInput['config'],
    progress: ListenState & { doing: string; reason?: string },
    over: AbortSignal,
  ): Promise<void> {
    const { hashtag, optOutWord, mode } = config
    const query: PostQuery = { hashtags: [hashtag], orWord: optOutWord }
    const backoff = createBackoff(pace.backoff)
    /** Handled already, so that a look back costs nothing. */
    const seen = new LRUCache<string, true>({ max: 5_000 })

    const take = async (post: SeenPost): Promise<void> => {
      if (seen.has(post.id)) return
      if ((await takePost(post, config)) === 'started') progress.mosaics++
      seen.set(post.id, true)
    }

    /** Handles everything since `from`, oldest first; only afterwards may `sinceId` advance. */
    const catchUp = async (source: PostSource, from: string): Promise<void> => {
      const posts: SeenPost[] = []
      for (let untilId: string | undefined, more = true; more; ) {
        const page = await network.read(source, { sinceId: from, untilId, signal: over })
        posts.push(...page.posts)
        untilId = page.oldestId ?? page.posts.at(-1)?.id
        more = page.more && untilId !== undefined
      }
      posts.sort((a, b) => olderFirst(a.id, b.id))
      for (const post of posts) await take(post)
      for (const { id } of posts) advance(id)
    }

    const advance = (id: string): void => {
      if (olderFirst(progress.sinceId!, id) < 0) progress.sinceId = id
    }
    const lookBack = () => network.idAt(network.timeOf(progress.sinceId!) - overlap)
    const recovered = (): void => {
      backoff.reset()
      progress.doing = 'listening'
      delete progress.reason
    }

    let lookedBackAt = 0
    const poll = async (): Promise<void> => {
      const back = Date.now() - lookedBackAt >= pace.lookBack
      await catchUp({ kind: 'mentions' }, back ? lookBack() : progress.sinceId!)
      if (back) lookedBackAt = Date.now()
      recovered()
      await delay(pace.poll, undefined, { signal: over })
    }

    const followStream = async (): Promise<void> => {
      using connection = endingWith(over)
      let queue = Promise.resolve()
      let caughtUp = false
      let failure: unknown
      const fail = (error: unknown) => {
        failure ??= error
        connection.end()
      }
      await network.stream(query, {
        signal: connection.signal,
        onConnected: () => {
          // Posts missed while disconnected. Posts from the stream queue up behind them.
          queue = queue
            .then(() => catchUp({ kind: 'search', query }, lookBack()))
            .then(() => {
              caughtUp = true
              recovered()
            })
            .catch(fail)
        },
        onPost: (post) => {
          queue = queue
            .then(() => take(post))
            .then(() => {
              if (caughtUp) advance(post.id)
            })
            .catch(fail)
        },
      })
      await queue
      if (failure !== undefined) throw failure
    }

    while (!over.aborted) {
      try {
        await (mode === 'stream' ? followStream() : poll())
      } catch (error) {
        if (over.aborted) return
        if (!(error instanceof SocialError)) throw error
        progress.doing = 'waiting'
        progress.reason = error.message
        await delay(backoff.after(error), undefined, { signal: over }).catch(() => {})
      }
    }
  }
}
