/** Thumbnail: scales the mosaic, and the photo beside it, to a size for posts and the gallery. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { makeThumbnail, placeholderOf } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import type { ObjectRef } from './objects.ts'
import type { Scratch } from './scratch.ts'

export interface ThumbnailInput {
  jobId: string
  large: ObjectRef
  /** The photo behind the mosaic. */
  photo?: ObjectRef | undefined
}

interface SmallPicture extends ObjectRef {
  width: number
  height: number
  bytes: number
}

export interface Thumbnail extends SmallPicture {
  /** About 25 bytes, base64: see `placeholderOf`. */
  thumbhash?: string
  target?: SmallPicture
}

/** Pixels. Wide enough for a timeline on a high-density screen, far below every network's limit. */
const widestSide = 1600
const quality = 85

export function createThumbnail({ store, scratch }: { store: ObjectStore; scratch: Scratch }) {
  return async function thumbnail({ jobId, large, photo }: ThumbnailInput): Promise<Thumbnail> {
    const signal = cancellationSignal()

    async function shrink(directory: string, from: ObjectRef, to: ObjectRef) {
      // Through a file: the large picture has no size limit, and the decoder shrinks it while reading.
      const local = join(directory, 'picture')
      const { body } = await store.get(from.bucket, from.key, { signal })
      await pipeline(body, createWriteStream(local), { signal })
      const { bytes, width, height } = await makeThumbnail(local, { width: widestSide, quality })
      await store.put(to.bucket, to.key, bytes, { contentType: 'image/jpeg', signal })
      return { bytes, picture: { ...to, width, height, bytes: bytes.byteLength } }
    }

    return await withHeartbeat(() =>
      scratch.use(async (directory) => {
        const target = photo && (await shrink(directory, photo, layout.work.target(jobId)))
        const small = await shrink(directory, large, layout.work.small(jobId))
        return {
          ...small.picture,
          thumbhash: await placeholderOf(small.bytes),
          ...(target && { target: target.picture }),
        }
      }),
    )
  }
}
