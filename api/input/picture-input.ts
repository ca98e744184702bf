import * as layout from '../../adapters/object-store/layout.ts'
import type { PictureSource } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { PictureInput } from '../schemas/job-request.ts'
import { decodeBase64 } from './base64.ts'
import { pictureUrl } from './picture-url.ts'
import { findUpload, storeUpload, type Upload } from './stored-upload.ts'

export interface ResolvedPicture {
  source: PictureSource
  /** Same picture, same string: a hash of the bytes, or the address. */
  identity: string
  /** Known unless the picture is still to be fetched. */
  picture?: NonNullable<Upload['picture']>
}

/** Makes of any way to hand in a picture what a workflow takes: a key in the store, or an address. */
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
