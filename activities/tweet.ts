/** Tweet: answers the post that asked for the mosaic, where the network's rules allow it, and at most once for ever. */
import { ApplicationFailure, activityInfo, cancellationSignal } from '@temporalio/activity'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { SocialError } from '../adapters/social/social-error.ts'
import type { Post, Publication, SocialNetwork } from '../adapters/social/social-network.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { openAnswerBook, type Try } from './social/answer-book.ts'
import { answerText } from './social/answer-text.ts'
import { pictureWithin } from './social/picture-within.ts'

export interface TweetInput {
  jobId: string
  post: Post
  small: ObjectRef
  /** A person wants it posted, also when nobody can tell whether it is out already. */
  decided?: boolean
}

export interface AnswerPace {
  /**
   * ms after a try of unknown outcome until the own timeline can be believed: above the time-out of the call itself and
   * the time that a network takes to show a post.
   */
  settle: number
  /** ms until the second try; doubled for each further one, up to `longest`. */
  retry: number
  longest: number
}

export interface TweetOptions {
  /** `Hi @{handle} Here is your mosaic: {link}` */
  template: string
  /** The public address without a trailing slash, or empty. */
  site: string
  pace?: AnswerPace | undefined
}

/** ms between writing a try down and making it: a process that slept in between must not act on it any more. */
const freshFor = 10_000

export function createTweet({
  store,
  networks,
  template,
  site,
  pace = { settle: 60_000, retry: 5_000, longest: 300_000 },
}: { store: ObjectStore; networks: readonly SocialNetwork[] } & TweetOptions) {
  const book = openAnswerBook(store)

  return async function tweet(input: TweetInput): Promise<Publication> {
    return await withHeartbeat(async () => {
      const publication = await publish(input)
      if (input.decided) await book.noteDecision(input.jobId, publication)
      return publication
    })
  }

  async function publish({ jobId, post, small, decided = false }: TweetInput): Promise<Publication> {
    const network = networks.find(({ name }) => name === post.network)
    if (!network) return galleryOnly(`no account is configured for ${post.network}`)
    if (!site) return galleryOnly('PUBLIC_URL is not set, so there is no link to post')
    const out = await book.out(post)
    if (out) {
      if (out.jobId === jobId) return { status: 'published', url: out.url }
      return galleryOnly(`the post was answered already: ${out.url}`)
    }
    const no = network.whyNoReply(post)
    if (no !== undefined) return galleryOnly(no)
    if (await book.wantsNone(post)) return galleryOnly(`@${post.handle} has asked for no answers`)

    const signal = cancellationSignal()
    const last = await book.lastTry(post)
    if (last) {
      const found = await lookFor(network, post, last, decided, signal)
      if (found) return await published(post, found.url, jobId)
    }
    return await answer(network, { jobId, post, small, decided }, (last?.n ?? 0) + 1, signal)
  }

  /** Somebody tried before, and it is not known what became of it: the own timeline knows, once it has settled. */
  async function lookFor(
    network: SocialNetwork,
    post: Post,
    last: Try,
    decided: boolean,
    signal: AbortSignal,
  ): Promise<{ url: string } | undefined> {
    const unsettled = last.at + pace.settle - Date.now()
    if (unsettled > 0)
      throw again(
        'answer_unsettled',
        'An earlier attempt may have succeeded: the timeline will show it.',
        unsettled,
        true,
      )
    try {
      return await network.findReply(post, { signal })
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      if (decided) return undefined
      // To post now would be to guess.
      throw failureOf(error, true)
    }
  }

  async function answer(
    network: SocialNetwork,
    { jobId, post, small, decided = false }: TweetInput,
    n: number,
    signal: AbortSignal,
  ): Promise<Publication> {
    const message = {
      text: answerText(template, { ...post, link: `${site}/mosaic/${jobId}` }, (text) => network.fits(text)),
      altText: `A mosaic of many small photos that together show a photo by ${post.author}`,
      picture: await pictureWithin(await readObject(store, small, signal), network.largestPicture),
      contentType: 'image/jpeg',
    }
    let begun = false
    try {
      const { url } = await network.reply(post, message, {
        signal,
        beforePosting: async () => {
          const at = Date.now()
          begun = await book.begin(post, n, jobId)
          if (!begun)
            throw again(
              'answer_under_way',
              'Another try of this step is about to post the answer.',
              pace.settle,
              true,
            )
          if (Date.now() - at > freshFor)
            throw new SocialError('social_unreachable', 'This process was suspended.')
        },
      })
      return await published(post, url, jobId)
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      // "Duplicate" says that an earlier try did get through.
      const maybeOut = begun && (error.maybeDone || error.code === 'social_duplicate')
      if (begun && !maybeOut) await book.cameToNothing(post, n)
      if (error.code === 'social_reply_not_allowed')
        return galleryOnly('the network allows no answer to this post')
      if (error.code === 'social_post_gone') return galleryOnly('the post is gone')
      throw failureOf(error, maybeOut || (decided && n > 1))
    }
  }

  async function published(post: Post, url: string, jobId: string): Promise<Publication> {
    await book.noteOut(post, { url, jobId })
    return { status: 'published', url }
  }

  /** As late as the network asks, also when that is hours: it bans who does not listen. */
  function failureOf(error: SocialError, maybeOut: boolean): ApplicationFailure {
    const { code, message, retryable, retryAfterSeconds } = error
    const own = Math.min(pace.longest, pace.retry * 2 ** (activityInfo().attempt - 1))
    const asked = retryAfterSeconds === undefined ? own : retryAfterSeconds * 1000
    return again(code, message, error.maybeDone ? Math.max(asked, pace.settle) : asked, maybeOut, retryable)
  }
}

/** `maybeOut`: what the job is to say should this have been the last try. */
const again = (type: string, message: string, delay: number, maybeOut: boolean, retryable = true) =>
  ApplicationFailure.create({
    type,
    message,
    nonRetryable: !retryable,
    nextRetryDelay: Math.max(1, delay),
    details: [{ maybeOut }],
  })

const galleryOnly = (reason: string): Publication => ({ status: 'gallery_only', reason })
