/** Uploads: pictures that expire unless they are renewed, which every reference to them does. */
import type { ObjectInfo, ObjectStore } from './object-store/object-store.ts'

/** An upload that was just referred to is at most this old, ms. */
export const renewedWithinMs = 3_600_000

/** Minimum age for a renewal, ms: not on every request, but often enough for any retention. */
const renewAfterMs = (keptMs = Number.POSITIVE_INFINITY) => Math.min(renewedWithinMs, keptMs / 10)

/** Retention, ms (absent: forever), and the current time. */
export interface UploadLife {
  keptMs?: number | undefined
  now: number
}

type Aged = Pick<ObjectInfo, 'modifiedAt'>

/** Whether it has expired. It may still exist for a while: see `activities/expire-uploads.ts`. */
export const isUploadOver = ({ modifiedAt }: Aged, { keptMs, now }: UploadLife): boolean =>
  keptMs !== undefined && now - modifiedAt.getTime() > keptMs

export const isUploadAging = ({ modifiedAt }: Aged, { keptMs, now }: UploadLife): boolean =>
  now - modifiedAt.getTime() > renewAfterMs(keptMs)

/**
 * Renews it if it is old enough. Also if uploads are kept forever, since that may change.
 * @throws {ObjectNotFound} if it has just been removed
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
