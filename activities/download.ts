/** Download: fetches a job's photo, or another picture it needs, into the store and verifies that it is a picture. */
import { cancellationSignal } from '@temporalio/activity'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import { inspectPicture, type PictureLimits } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'

export interface DownloadInput {
  jobId: string
  source: { object: ObjectRef } | { url: string }
  /** Role of the picture. Absent: the job's photo. */
  as?: 'photo' | 'mask'
}

/** Size in pixels as displayed, with the EXIF orientation applied. */
export interface Photo extends ObjectRef {
  width: number
  height: number
  format: string
  bytes: number
}

export function createDownload({
  store,
  fetch,
  limits,
}: {
  store: ObjectStore
  fetch: GuardedFetch
  limits: PictureLimits
}) {
  return async function download({ jobId, source, as = 'photo' }: DownloadInput): Promise<Photo> {
    const signal = cancellationSignal()
    return await withHeartbeat(async (report) => {
      if ('object' in source) {
        const bytes = await readObject(store, source.object, signal)
        return { ...source.object, ...(await describe(bytes)) }
      }
      const { bytes, contentType } = await fetch(source.url, { signal, onProgress: report })
      const facts = await describe(bytes)
      const place = layout.work[as](jobId)
      await store.put(place.bucket, place.key, bytes, { contentType, signal })
      return { ...place, ...facts }
    })
  }

  async function describe(bytes: Uint8Array) {
    const { width, height, format } = await inspectPicture(bytes, limits)
    return { width, height, format, bytes: bytes.byteLength }
  }
}
