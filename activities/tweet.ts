/** Tweet: replies to the post that asked for the mosaic, if the network's rules allow it, and at most once. */
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
  /** A person wants it posted, even if nobody can tell whether it already was. */
  decided?: boolean
}

export interface AnswerPace {
  /**
   * How long after an attempt of unknown outcome our own timeline can be trusted, ms: more than the timeout of the call plus the
   * time a network takes to show a post.
   */
  settle: number
  /** Initial retry delay, ms; doubles up to `longest`. */
  retry: number
  longest: number
}

export interface TweetOptions {
  /** `Hi @{handle} Here is your mosaic: {link}` */
  template: string
  /** The public URL without a trailing slash, or empty. */
  site: string
  pace?: AnswerPace | undefined
}

/** Maximum time between recording an attempt and posting, ms: a process that was suspended in between must not post. */
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
      return galleryOnly(`the post has already been answered: ${out.url}`)
    }
    const no = network.whyNoReply(post)
    if (no !== undefined) return galleryOnly(no)
    if (await book.wantsNone(post)) return galleryOnly(`@${post.handle} has opted out of replies`)

    const signal = cancellationSignal()
    const last = await book.lastTry(post)
    if (last) {
      const found = await lookFor(network, post, last, decided, signal)
      if (found) return await published(post, found.url, jobId)
    }
    return await answer(network, { jobId, post, small, decided }, (last?.n ?? 0) + 1, signal)
  }

  /** After an attempt of unknown outcome: looks for the reply in our own timeline, once that can be trusted. */
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
        'An earlier attempt may have posted the reply: the timeline will show it.',
        unsettled,
        true,
      )
    try {
      return await network.findReply(post, { signal })
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      if (decided) return undefined
      // Posting now would be a guess.
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
              'Another attempt of this step is about to post the reply.',
              pace.settle,
              true,
            )
          if (Date.now() - at > freshFor)
            throw new SocialError('social_unreachable', 'This process was suspended before it could post.')
        },
      })
      return await published(post, url, jobId)
    } catch (error) {
      if (!(error instanceof SocialError)) throw error
      // "Duplicate" means that an earlier attempt did get through.
      const maybeOut = begun && (error.maybeDone || error.code === 'social_duplicate')
      if (begun && !maybeOut) await book.noteFailed(post, n)
      if (error.code === 'social_reply_not_allowed')
        return galleryOnly('the network does not allow a reply to this post')
      if (error.code === 'social_post_gone') return galleryOnly('the post has been deleted')
      throw failureOf(error, maybeOut || (decided && n > 1))
    }
  }

  async function published(post: Post, url: string, jobId: string): Promise<Publication> {
    await book.noteOut(post, { url, jobId })
    return { status: 'published', url }
  }

  /** Keeps the network's own delay, even if it is hours: networks ban clients that ignore it. */
  function failureOf(error: SocialError, maybeOut: boolean): ApplicationFailure {
    const { code, message, retryable, retryAfterSeconds } = error
    const own = Math.min(pace.longest, pace.retry * 2 ** (activityInfo().attempt - 1))
    const asked = retryAfterSeconds === undefined ? own : retryAfterSeconds * 1000
    return again(code, message, error.maybeDone ? Math.max(asked, pace.settle) : asked, maybeOut, retryable)
  }
}

/** @param maybeOut whether the job must report `unknown` if this was the last attempt */
const again = (type: string, message: string, delay: number, maybeOut: boolean, retryable = true) =>
  ApplicationFailure.create({
    type,
    message,
    nonRetryable: !retryable,
    nextRetryDelay: Math.max(1, delay),
    details: [{ maybeOut }],
  })

const galleryOnly = (reason: string): Publication => ({ status: 'gallery_only', reason })
