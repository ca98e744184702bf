/** Makes the picture of a signed address, in this process: a few at a time, the same one once. */
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

/** A page asks for one picture in several sizes within moments: it is fetched once for them. Bytes, and ms. */
const recentSources = { maxSize: 32 * 2 ** 20, ttl: 30_000 }

/** Pictures that are in hand, for each core. Beyond it callers are told to come back: memory has an end. */
const inHandPerCore = 16

export interface WantedPicture {
  source: ImgSource
  resize: ResizeRequest
  /** `fit` is as it suits the picture's shape. */
  auto: boolean
  accept: string | undefined
  /** Another one: the source may have changed. */
  cachebuster: string
}

/** With an entity tag of its bytes, which is kept with it. */
export type MadePicture = ResizedPicture & { etag: string }

export function createPictureMaker(deps: ApiDependencies) {
  const cores = availableParallelism()
  const turn = pLimit(cores)
  /** Until they are stored, from where they are taken afterwards. */
  const inHand = new Map<string, Promise<MadePicture>>()
  const { limits } = deps.environment
  const recent = new LRUCache<string, Uint8Array>({
    ...recentSources,
    sizeCalculation: ({ length }) => length || 1,
  })

  return { make, room }

  function room(): { ok: boolean; detail: string } {
    const most = inHandPerCore * cores
    const detail = `${inHand.size} of at most ${most} pictures are being made`
    return inHand.size < most
      ? { ok: true, detail }
      : { ok: false, detail: `new ones are answered with 429: ${detail}` }
  }

  /** @param digest the same for the same picture @throws {Problem} */
  function make(digest: string, wanted: WantedPicture): Promise<MadePicture> {
    const same = inHand.get(digest)
    if (same) return same
    if (inHand.size >= inHandPerCore * cores)
      throw new Problem('overloaded', 'Many pictures are being made. Try again in a moment.', {
        headers: { 'Retry-After': '1' },
      })
    const making = makeNow(wanted)
    inHand.set(digest, making)
    making
      .then((made) => store(digest, made))
      // Whoever asked hears of a picture that cannot be made.
      .catch(() => {})
      .finally(() => inHand.delete(digest))
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
    const made = await turn(async () => {
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

  /** Nobody waits for it, nor does it wait for the disk: a picture that was not stored, or was damaged, is made once more. */
  async function store(digest: string, { bytes, contentType, etag }: MadePicture): Promise<void> {
    const { bucket, key } = layout.signedPicture(digest)
    await deps.store
      .put(bucket, key, bytes, { contentType, metadata: { etag }, synced: false })
      .catch((error: unknown) => deps.logger.warn({ err: error }, 'a picture on demand was not stored'))
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
      // A redirect must not lead out of the list.
      if (!isAllowedSource(finalUrl, sources)) throw forbidden(finalUrl)
      return bytes
    } catch (error) {
      if (error instanceof FetchError)
        throw new Problem('img_source_unavailable', `${error.message}.`, { cause: error })
      throw error
    }
  }
}

/** A strong one (RFC 9110, section 8.8.3), quotes included. It also tells whether what is kept is whole. */
export const entityTagOf = (bytes: Uint8Array): string =>
  `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`

export type PictureMaker = ReturnType<typeof createPictureMaker>

/** imgproxy's `auto`: filled when picture and box are both upright, or both lying; else fitted in. */
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
