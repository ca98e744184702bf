/** Uploads: inspected, then stored under the hash of their bytes. */
import { createHash } from 'node:crypto'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectExists, type ObjectInfo, ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { isUploadAging, isUploadOver, renewUpload } from '../../adapters/uploads.ts'
import { inspectPicture, type PictureInfo } from '../../engine/picture.ts'
import { PictureError } from '../../engine/picture-error.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { type Problem, type ProblemCode, problemKinds, wrongValue } from '../problems.ts'

export interface Upload {
  /** SHA-256 of the bytes, hex. */
  sha256: string
  /** From the picture's header; `undefined` for uploads older than this field. */
  picture?: Pick<PictureInfo, 'width' | 'height' | 'format'>
}

/**
 * Stores a picture, and rejects everything else. The same bytes sent twice are one upload.
 * @param pointer where the bytes were in the request, for problems
 * @throws {Problem} describing what is wrong with the picture
 */
export async function storeUpload(
  deps: ApiDependencies,
  bytes: Uint8Array,
  pointer: string,
): Promise<Upload & { picture: PictureInfo }> {
  const { store, tenant } = deps
  const picture = await inspectedPicture(deps, bytes, pointer)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { bucket, key } = layout.upload(sha256)
  const metadata = { width: String(picture.width), height: String(picture.height), format: picture.format }
  try {
    await store.put(bucket, key, bytes, {
      contentType: `image/${picture.format}`,
      metadata,
      mode: 'create',
    })
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error
    const there = await store.head(bucket, key)
    // Sent again: renews it, or restores it if it has just expired.
    if (!there || isUploadAging(there, uploadLife(deps)))
      await store.put(bucket, key, bytes, { contentType: `image/${picture.format}`, metadata })
  }
  if (tenant?.owns && tenant.name !== undefined) {
    const claim = layout.uploadClaim(tenant.name, sha256)
    await store.put(claim.bucket, claim.key, new Uint8Array())
  }
  return { sha256, picture }
}

/** @throws {Problem} `upload_not_found` */
export async function findUpload(deps: ApiDependencies, sha256: string, pointer: string): Promise<Upload> {
  const { bucket, key } = layout.upload(sha256)
  const info = (await isOwnUpload(deps, sha256)) ? await deps.store.head(bucket, key) : undefined
  if (!info || !(await isRenewed(deps, info)))
    throw wrongValue('upload_not_found', pointer, `There is no upload with the hash ${sha256}.`)
  const { width, height, format } = info.metadata
  if (width === undefined || height === undefined || format === undefined) return { sha256 }
  return {
    sha256,
    picture: { width: Number(width), height: Number(height), format: format as PictureInfo['format'] },
  }
}

/** Renews an upload because a request refers to it. @returns false if it has expired */
export async function isRenewed(deps: ApiDependencies, info: ObjectInfo): Promise<boolean> {
  if (isUploadOver(info, uploadLife(deps))) return false
  try {
    await renewUpload(deps.store, info, uploadLife(deps))
    return true
  } catch (error) {
    if (error instanceof ObjectNotFound) return false
    throw error
  }
}

const uploadLife = ({ environment, now = Date.now }: ApiDependencies) => ({
  keptMs: environment.uploadTtlMs,
  now: now(),
})

/** Knowing the hash of another tenant's picture must not give access to it. */
export async function isOwnUpload({ store, tenant }: ApiDependencies, sha256: string): Promise<boolean> {
  if (!tenant?.isolated || tenant.name === undefined) return true
  const { bucket, key } = layout.uploadClaim(tenant.name, sha256)
  return (await store.head(bucket, key)) !== undefined
}

/** Reads a picture's header. @throws {Problem} describing what is wrong with the picture */
export async function inspectedPicture(
  { environment: { limits } }: Pick<ApiDependencies, 'environment'>,
  bytes: Uint8Array,
  pointer: string,
): Promise<PictureInfo> {
  return await inspectPicture(bytes, {
    bytes: limits.pictureBytes,
    pixels: limits.pixels,
    frames: limits.frames,
  }).catch((error: unknown) => {
    throw error instanceof PictureError ? pictureProblem(error, pointer) : error
  })
}

export function pictureProblem(error: PictureError, pointer: string): Problem {
  const code: ProblemCode = error.code in problemKinds ? (error.code as ProblemCode) : 'not_an_image'
  return wrongValue(code, pointer, error.message)
}
