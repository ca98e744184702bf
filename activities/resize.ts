/** Resize: one picture in another size or format. */
import { createHash } from 'node:crypto'
import { cancellationSignal } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { type PictureLimits, type ResizeOptions, resizePicture } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'

export interface ResizeInput {
  jobId: string
  picture: ObjectRef
  params: ResizeOptions
}

export interface ResizedPicture extends ObjectRef {
  width: number
  height: number
  format: string
  bytes: number
  /** Of the result's bytes, hex. */
  sha256: string
}

export function createResize({ store, limits }: { store: ObjectStore; limits: PictureLimits }) {
  return async function resize({ jobId, picture, params }: ResizeInput): Promise<ResizedPicture> {
    const signal = cancellationSignal()
    return await withHeartbeat(async () => {
      const original = await readObject(store, picture, signal)
      const { bytes, width, height, format, contentType } = await resizePicture(original, params, {
        signal,
        limits,
      })
      const place = layout.resized(jobId, format)
      await store.put(place.bucket, place.key, bytes, { contentType, signal })
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      return { ...place, width, height, format, bytes: bytes.byteLength, sha256 }
    })
  }
}
