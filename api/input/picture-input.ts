import * as layout from '../../adapters/object-store/layout.ts'
import type { PictureSource } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { PictureInput } from '../schemas/job-request.ts'
import { decodeBase64 } from './base64.ts'
import { pictureUrl } from './picture-url.ts'
import { findUpload, storeUpload, type Upload } from './stored-upload.ts'

export interface ResolvedPicture {
  source: PictureSource
  /** Equal for equal pictures: a hash of the bytes, or the URL. */
  identity: string
  /** Absent if the picture has yet to be fetched. */
  picture?: NonNullable<Upload['picture']>
}

/** Turns any kind of picture input into what a workflow takes: a key in the store, or a URL. */
export async function resolvePicture(
  deps: ApiDependencies,
  input: PictureInput | { bytes: Uint8Array },
  pointer: string,
): Promise<ResolvedPicture> {
  if ('bytes' in input) return inStore(await storeUpload(deps, input.bytes, pointer))
  if (input.upload !== undefined) return inStore(await findUpload(deps, input.upload, `${pointer}/upload`))
  if (input.base64 !== undefined) {
    const at = `${pointer}/base64`
    return inStore(await storeUpload(deps, decodeBase64(input.base64, at), at))
  }
  const url = pictureUrl(input.url ?? '', `${pointer}/url`)
  return { source: { url }, identity: url }
}

const inStore = ({ sha256, picture }: Upload): ResolvedPicture => ({
  source: { object: layout.upload(sha256) },
  identity: `sha256:${sha256}`,
  ...(picture && { picture }),
})
