/** Makes pictures for signed addresses in this process: with bounded concurrency, each picture once. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { FetchError, type GuardedFetch } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { wholeBody } from '../../adapters/object-store/body.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { PictureError, type ResizedPicture, type ResizeOptions, resizePicture } from '../../engine/index.ts'
import { inspectPicture } from '../../engine/picture.ts'
import { sniffFormat } from '../../engine/picture-format.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { resizeParams } from '../input/resize-request.ts'
import { isRenewed } from '../input/stored-upload.ts'
import { Problem, type ProblemCode, problemKinds } from '../problems.ts'
import type { ResizeRequest } from '../schemas/resize-request.ts'
import { type ImgSource, isAllowedSource } from './source.ts'

/** Cache of source pictures, in bytes and ms: a page that shows one in several sizes makes us fetch it once. */
const recentSources = { maxSize: 32 * 2 ** 20, ttl: 30_000 }

/** Pictures in progress per core. More are rejected, to bound the memory they use. */
const inProgressPerCore = 16

export interface WantedPicture {
  source: ImgSource
  resize: ResizeRequest
  /** Choose `fit` by the picture's shape. */
  auto: boolean
  accept: string | undefined
  /** Another value asks for the source anew, because it may have changed. */
  cachebuster: string
}

/** With an entity tag derived from its bytes and stored with it. */
export type MadePicture = ResizedPicture & { etag: string }

export function createPictureMaker(deps: ApiDependencies) {
  const cores = availableParallelism()
  const onCore = pLimit(cores)
  /** Pictures being made, until they are stored. */
  const inProgress = new Map<string, Promise<MadePicture>>()
  const { limits } = deps.environment
  const recent = new LRUCache<string, Uint8Array>({
    ...recentSources,
    sizeCalculation: ({ length }) => length || 1,
  })

  return { make, room }

  function room(): { ok: boolean; detail: string } {
    const most = inProgressPerCore * cores
    const detail = `${inProgress.size} of at most ${most} pictures are being made`
    return inProgress.size < most
      ? { ok: true, detail }
      : { ok: false, detail: `new ones are rejected with 429: ${detail}` }
  }

  /** @param digest equal for equal pictures @throws {Problem} */
  function make(digest: string, wanted: WantedPicture): Promise<MadePicture> {
    const same = inProgress.get(digest)
    if (same) return same
    if (inProgress.size >= inProgressPerCore * cores)
      throw new Problem('overloaded', 'Many pictures are being made. Try again in a moment.', {
        headers: { 'Retry-After': '1' },
      })
    const making = makeNow(wanted)
    inProgress.set(digest, making)
    making
      .then((made) => store(digest, made))
      // The caller handles this failure.
      .catch(() => {})
      .finally(() => inProgress.delete(digest))
    return making
  }

  async function makeNow({ source, resize, auto, accept, cachebuster }: WantedPicture): Promise<MadePicture> {
    const original = await sourceBytes(source, cachebuster)
    const sniffed = sniffFormat(original)
    const format = sniffed && 'format' in sniffed ? sniffed.format : undefined
    const pictureLimits = { bytes: limits.pictureBytes, pixels: limits.pixels, frames: limits.frames }
    const { watermark, ...params } = await resizeParams(deps, resize, {
      accept,
      format,
      pointer: '',
      presets: {},
    })
    const { image, ...mark } = watermark ?? {}
    const options = { ...params, ...(watermark && { watermark: mark }) } as ResizeOptions
    const made = await onCore(async () => {
      if (auto) options.fit = suitable(await inspectPicture(original, pictureLimits), resize)
      return await resizePicture(original, options, {
        limits: pictureLimits,
        watermark: image && (await stored(image)),
      })
    }).catch((error: unknown) => {
      throw error instanceof PictureError ? pictureProblem(error) : error
    })
    return { ...made, etag: entityTagOf(made.bytes) }
  }

  /** In the background and unsynced: a picture that could not be stored, or was damaged, is made again. */
  async function store(digest: string, { bytes, contentType, etag }: MadePicture): Promise<void> {
    const { bucket, key } = layout.signedPicture(digest)
    await deps.store
      .put(bucket, key, bytes, { contentType, metadata: { etag }, synced: false })
      .catch((error: unknown) => deps.logger.warn({ err: error }, 'could not store a picture made on demand'))
  }

  async function sourceBytes(source: ImgSource, cachebuster: string): Promise<Uint8Array> {
    const name = JSON.stringify([source, cachebuster])
    const known = recent.get(name)
    if (known) return known
    const bytes = 'url' in source ? await fetched(source.url) : await uploaded(source.upload)
    recent.set(name, bytes)
    return bytes
  }

  async function uploaded(sha256: string): Promise<Uint8Array> {
    const { bucket, key } = layout.upload(sha256)
    const gone = () => new Problem('img_source_unavailable', `There is no upload with the hash ${sha256}.`)
    try {
      const { body, ...info } = await deps.store.get(bucket, key)
      const bytes = await wholeBody(body)
      if (await isRenewed(deps, info)) return bytes
      throw gone()
    } catch (error) {
      throw error instanceof ObjectNotFound ? gone() : error
    }
  }

  async function stored({ bucket, key }: layout.Place): Promise<Uint8Array> {
    return await wholeBody((await deps.store.get(bucket, key)).body)
  }

  async function fetched(url: string): Promise<Uint8Array> {
    const { fetch, sources = [] } = deps.img ?? {}
    if (!fetch || !isAllowedSource(url, sources)) throw forbidden(url)
    try {
      const { bytes, finalUrl } = await (fetch as GuardedFetch)(url)
      // A redirect must not leave the allowed sources.
      if (!isAllowedSource(finalUrl, sources)) throw forbidden(finalUrl)
      return bytes
    } catch (error) {
      if (error instanceof FetchError)
        throw new Problem('img_source_unavailable', `${error.message}.`, { cause: error })
      throw error
    }
  }
}

/** A strong validator (RFC 9110, section 8.8.3), with quotes. Also reveals damage to a stored picture. */
export const entityTagOf = (bytes: Uint8Array): string =>
  `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`

export type PictureMaker = ReturnType<typeof createPictureMaker>

/** imgproxy's `auto`: fills the box if picture and box have the same orientation, otherwise fits into it. */
function suitable(
  picture: { width: number; height: number },
  { width, height }: ResizeRequest,
): 'cover' | 'inside' {
  if (width === undefined || height === undefined) return 'inside'
  return picture.width >= picture.height === width >= height ? 'cover' : 'inside'
}

const forbidden = (url: string) =>
  new Problem('img_source_forbidden', `Pictures from ${new URL(url).host} are not allowed by IMG_SOURCES.`)

const pictureProblem = (error: PictureError) =>
  new Problem(
    error.code in problemKinds ? (error.code as ProblemCode) : 'invalid_img_address',
    error.message,
    {
      cause: error,
    },
  )
