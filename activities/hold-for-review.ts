/** Decides whether a photo may become a tile: accepted, refused, or held until a moderator decides. */
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

/** Why a photo was refused, in the shape of the engine's errors about bad pictures. */
export class PhotoRefused extends Error {
  override readonly name = 'PhotoRefused'
  readonly code: 'author_blocked' | 'rejected'
  readonly retryable = false
  constructor(code: PhotoRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** The same for the same photo and library, so that a moderator is asked about it only once. */
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
  /** @throws {PhotoRefused}, and PictureError for bytes that are no picture: no moderator needs to look at those */
  return async function holdForReview(photo: Photo, isHeld: boolean): Promise<'in' | 'held'> {
    const { library, name, bytes, author } = photo
    const entry = await blocked.against({ handle: author?.handle })
    if (entry)
      throw new PhotoRefused(
        'author_blocked',
        `Photos by @${entry.value} are not accepted: the handle is blocked.`,
      )
    if (!isHeld || (await isTile(library, bytes))) return 'in'
    const id = reviewIdOf(library, bytes)
    const verdict = await queue.verdict(id)
    if (verdict === 'approved') return 'in'
    if (verdict === 'rejected') throw new PhotoRefused('rejected', 'A moderator has rejected this photo.')
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
