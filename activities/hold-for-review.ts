/** What becomes of a photo before it may be a tile: in at once, turned away, or held until a moderator has seen it. */
import { createHash } from 'node:crypto'
import type { BlockList } from '../adapters/moderation/block-list.ts'
import type { ReviewQueue } from '../adapters/moderation/review-queue.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { inspectPicture, type PictureLimits } from '../engine/index.ts'
import { photoKey } from './tile-library/index.ts'

interface Photo {
  library: string
  name: string
  bytes: Uint8Array
  author?: { name?: string; handle?: string; url?: string }
}

/** Why a photo is no tile: in the shape of what the engine throws for one that is no picture. */
export class PhotoTurnedAway extends Error {
  override readonly name = 'PhotoTurnedAway'
  readonly code: 'author_blocked' | 'rejected'
  readonly retryable = false
  constructor(code: PhotoTurnedAway['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** One photo of one library is asked about once, however often it comes. */
export const reviewIdOf = (library: string, bytes: Uint8Array) =>
  `tile-${createHash('sha256').update(`${library}\n`).update(bytes).digest('hex').slice(0, 32)}`

export function createHoldForReview({
  store,
  blocked,
  queue,
  limits,
}: {
  store: ObjectStore
  blocked: BlockList
  queue: ReviewQueue
  limits: PictureLimits
}) {
  /** @throws {PhotoTurnedAway}, PictureError for what is no picture: no moderator need look at that */
  return async function holdForReview(photo: Photo, isHeld: boolean): Promise<'in' | 'held'> {
    const { library, name, bytes, author } = photo
    const entry = await blocked.against({ handle: author?.handle })
    if (entry)
      throw new PhotoTurnedAway(
        'author_blocked',
        `Photos of @${entry.value} are not taken: the handle is blocked.`,
      )
    if (!isHeld || (await isTile(library, bytes))) return 'in'
    const id = reviewIdOf(library, bytes)
    const verdict = await queue.verdict(id)
    if (verdict === 'approved') return 'in'
    if (verdict === 'rejected') throw new PhotoTurnedAway('rejected', 'A moderator has rejected this photo.')
    const { format } = await inspectPicture(bytes, limits)
    const picture = layout.moderation.photo(id)
    const contentType = `image/${format}`
    await store.put(picture.bucket, picture.key, bytes, { contentType })
    await queue.ask({
      ...{ id, kind: 'tile', at: new Date().toISOString(), picture, contentType, library, name },
      ...(author && { author }),
    })
    return 'held'
  }

  async function isTile(library: string, bytes: Uint8Array): Promise<boolean> {
    const tile = createHash('sha256').update(bytes).digest('hex')
    return (await store.head('raw', photoKey(library, tile))) !== undefined
  }
}
