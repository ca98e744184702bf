/**
 * All activities. Each is made by a factory that receives its adapters; this is where they get them.
 * Workflows import the type, workers the value.
 */
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import { openBlockList } from '../adapters/moderation/block-list.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { SocialNetwork } from '../adapters/social/social-network.ts'
import type { PictureLimits } from '../engine/index.ts'
import { createAskModerator } from './ask-moderator.ts'
import { createBulkGather } from './bulk-gather.ts'
import { createBulkPlan } from './bulk-plan.ts'
import { createBulkResize } from './bulk-resize.ts'
import { createCache } from './cache.ts'
import { createCollect } from './collect.ts'
import { createCompose } from './compose.ts'
import { createCountTiles } from './count-tiles.ts'
import { createDiscardWork } from './discard-work.ts'
import { createDownload } from './download.ts'
import { createEditPlan } from './edit-plan.ts'
import { createExpireResults } from './expire-results.ts'
import { createExpireUploads, type LastingJobs } from './expire-uploads.ts'
import { createFindGone } from './find-gone.ts'
import { createFindMosaics } from './find-mosaics.ts'
import { createForgetPosts } from './forget-posts.ts'
import { createIndexTiles } from './index-tiles.ts'
import { createKeepLedger, type EndedJobs } from './keep-ledger.ts'
import { createKeepRecord } from './keep-record.ts'
import { createListen, type ListenPace } from './listen.ts'
import { createLookIntoInbox } from './look-into-inbox.ts'
import { createNotify } from './notify.ts'
import { createRemakeMosaics } from './remake-mosaics.ts'
import { createRemoveAuthor } from './remove-author.ts'
import { createResize } from './resize.ts'
import type { Scratch } from './scratch.ts'
import type { MosaicStarter } from './social/take-post.ts'
import { createSweepWork, type KnownJobs } from './sweep-work.ts'
import { createThumbnail } from './thumbnail.ts'
import type { TileLibraries } from './tile-libraries.ts'
import { createTileMatch } from './tile-match.ts'
import { type AnswerPace, createTweet } from './tweet.ts'
import { createUpload } from './upload.ts'
import { createWithdraw } from './withdraw.ts'

export interface ActivityAdapters {
  store: ObjectStore
  gallery: GalleryCache
  fetch: GuardedFetch
  networks: readonly SocialNetwork[]
  libraries: TileLibraries
  scratch: Scratch
  limits: PictureLimits
  /** The public URL without a trailing slash, or empty for relative links. */
  site: string
  /** Signing key of webhooks. Absent: none are sent. */
  webhookSecret?: string | undefined
  /** Template of replies to posts, with `{handle}` and `{link}`. */
  replyText: string
  /** What needs a moderator's approval: `tiles`, `mosaics` made for posts. */
  moderate: readonly string[]
  /** Folders on this machine that inboxes may watch. */
  inboxFolders: readonly string[]
  /** Timing of replies and their retries. For tests; the defaults suit real networks. */
  answerPace?: AnswerPace
  /** Timing of listeners. For tests; the defaults suit real networks. */
  listenPace?: ListenPace
  mosaics: MosaicStarter
  endedJobs: EndedJobs
  lastingJobs: LastingJobs
  knownJobs: KnownJobs
  /** Told when this worker is to end. */
  stopping: AbortSignal
}

export function createActivities(given: ActivityAdapters) {
  const adapters = { ...given, blocked: openBlockList(given.store) }
  return {
    download: createDownload(adapters),
    tileMatch: createTileMatch(adapters),
    editPlan: createEditPlan(adapters),
    compose: createCompose(adapters),
    thumbnail: createThumbnail(adapters),
    upload: createUpload(adapters),
    cache: createCache(adapters),
    askModerator: createAskModerator(adapters),
    tweet: createTweet({ ...adapters, template: adapters.replyText, pace: adapters.answerPace }),
    collect: createCollect(adapters),
    findGone: createFindGone(adapters),
    removeAuthor: createRemoveAuthor(adapters),
    findMosaics: createFindMosaics(adapters),
    remakeMosaics: createRemakeMosaics(adapters),
    forgetPosts: createForgetPosts(adapters),
    lookIntoInbox: createLookIntoInbox(adapters),
    listen: createListen({ ...adapters, pace: adapters.listenPace }),
    discardWork: createDiscardWork(adapters),
    withdraw: createWithdraw(adapters),
    resize: createResize(adapters),
    indexTiles: createIndexTiles(adapters),
    countTiles: createCountTiles(adapters),
    expireResults: createExpireResults(adapters),
    expireUploads: createExpireUploads(adapters),
    bulkPlan: createBulkPlan(adapters),
    bulkResize: createBulkResize(adapters),
    bulkGather: createBulkGather(adapters),
    notify: createNotify(adapters),
    keepRecord: createKeepRecord(adapters),
    keepLedger: createKeepLedger(adapters),
    sweepWork: createSweepWork(adapters),
  }
}

export type Activities = ReturnType<typeof createActivities>
