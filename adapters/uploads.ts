/** Uploads: pictures that were handed in. They grow old, and young again whenever somebody names them. */
import type { ObjectInfo, ObjectStore } from './object-store/object-store.ts'

/** One that somebody has named was no older than this then, ms. */
export const renewedWithinMs = 3_600_000

/** How old one must be to be made young: not with every request, and often enough for however long they are kept. */
const renewAfterMs = (keptMs = Number.POSITIVE_INFINITY) => Math.min(renewedWithinMs, keptMs / 10)

/** How long they are kept, ms; absent: for ever. And what time it is. */
export interface UploadLife {
  keptMs?: number | undefined
  now: number
}

type Aged = Pick<ObjectInfo, 'modifiedAt'>

/** Whether it has been kept for long enough. It may still lie there for a while: see `activities/expire-uploads.ts`. */
export const isUploadOver = ({ modifiedAt }: Aged, { keptMs, now }: UploadLife): boolean =>
  keptMs !== undefined && now - modifiedAt.getTime() > keptMs

export const isUploadAging = ({ modifiedAt }: Aged, { keptMs, now }: UploadLife): boolean =>
  now - modifiedAt.getTime() > renewAfterMs(keptMs)

/**
 * Makes it young when it is not, since somebody names it. Also where uploads are kept for ever: that may change.
 * @throws {ObjectNotFound} when it has just gone
 */
export async function renewUpload(
  store: Pick<ObjectStore, 'copy'>,
  info: ObjectInfo,
  life: UploadLife,
): Promise<void> {
  if (!isUploadAging(info, life)) return
  const { bucket, key, contentType, metadata } = info
  await store.copy({ bucket, key }, { bucket, key }, { contentType, metadata })
}
