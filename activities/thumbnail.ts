/** Thumbnail: the mosaic at a size that fits a post and the gallery. */
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
}

export interface Thumbnail extends ObjectRef {
  width: number
  height: number
  bytes: number
  /** Of about 25 bytes, base64: see `placeholderOf`. */
  thumbhash?: string
}

/** Pixels. Wide enough for a timeline on a dense screen, far below every network's limit for a picture. */
const widestSide = 1600
const quality = 85

export function createThumbnail({ store, scratch }: { store: ObjectStore; scratch: Scratch }) {
  return async function thumbnail({ jobId, large }: ThumbnailInput): Promise<Thumbnail> {
    const signal = cancellationSignal()
    return await withHeartbeat(() =>
      scratch.use(async (directory) => {
        // By way of a file: the large picture has no bound, and the decoder shrinks it while it reads.
        const local = join(directory, 'large.jpg')
        const { body } = await store.get(large.bucket, large.key, { signal })
        await pipeline(body, createWriteStream(local), { signal })
        const { bytes, width, height } = await makeThumbnail(local, { width: widestSide, quality })
        const place = layout.work.small(jobId)
        await store.put(place.bucket, place.key, bytes, { contentType: 'image/jpeg', signal })
        return { ...place, width, height, bytes: bytes.byteLength, thumbhash: await placeholderOf(bytes) }
      }),
    )
  }
}
