/** Previews of mosaics: not jobs, so their size, number and processor time are limited. */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import {
  fittingScale,
  gridFor,
  type MosaicPreview,
  PictureError,
  type PictureErrorCode,
  previewMosaic,
} from '../../engine/index.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { refuseContradictions, refuseImpossible } from '../input/job-request.ts'
import { pictureProblem } from '../input/stored-upload.ts'
import { Problem } from '../problems.ts'
import type { PreviewRequest } from '../schemas/job-request.ts'

/** Longer side, pixels: as wide as a form on any screen. */
const longest = 960
/** A reduced photo has a quarter of a megapixel; one with more than this is not reduced. */
const pixelsAtMost = 4e6
/** Queued previews, of which one is made at a time: about as long as a person is willing to wait. */
const waitingAtMost = 4
/** Size of the cache, bytes. A preview takes about 100 KB. */
const keptBytes = 16 * 2 ** 20

export interface WantedPreview {
  picture: Uint8Array
  /** Size of `picture`, with the EXIF orientation applied. */
  size: { width: number; height: number }
  request: PreviewRequest
  mask?: Uint8Array | undefined
  /** Aborted when nobody waits for the result any more. */
  signal: AbortSignal
}

export function createPreviews(deps: ApiDependencies) {
  // One thread for all previews: the others are for jobs.
  const oneAtATime = pLimit(1)
  const kept = new LRUCache<string, MosaicPreview>({
    maxSize: keptBytes,
    sizeCalculation: ({ bytes }) => bytes.length,
  })

  /** @throws {Problem} among them `overloaded` */
  return async function makePreview({
    picture,
    size,
    request,
    mask,
    signal,
  }: WantedPreview): Promise<MosaicPreview> {
    const { library, cell, cellHeight, layout, detail, background } = request
    const { distance, most, search, flips, tone } = request
    const { width = size.width, height = size.height } = request
    const { openLibrary } = deps
    if (!openLibrary) throw new Problem('not_found', 'This service cannot make previews.')
    refuseContradictions(request, '/job')
    const scale = request.scale ?? fittingScale(width, height, cell, cellHeight)
    const shape = { cell, layout, ...(cellHeight !== undefined && { cellHeight }) }
    const rules = {
      ...{ distance, search, flips, tone, layout },
      ...(most !== undefined && { most }),
      ...(detail !== undefined && { detail }),
      ...(background !== undefined && { background }),
    }
    const params = {
      ...{ library, scale, quality: 1 },
      ...shape,
      ...rules,
      ...(mask && { mask: 'alpha' as const }),
    }
    await refuseImpossible(deps, { width, height }, params, '/job')
    const grid = gridFor(width, height, { ...shape, scale })
    const tiles = await openLibrary(library)
    signal.throwIfAborted()
    const digest = createHash('sha256')
      .update(JSON.stringify([tiles.version, grid, rules, picture.length]))
      .update(picture)
      .update(mask ?? '')
      .digest('hex')
    const known = kept.get(digest)
    if (known) return known
    if (oneAtATime.pendingCount >= waitingAtMost)
      throw new Problem('overloaded', 'Many previews are being made. Try again in a moment.', {
        headers: { 'Retry-After': '1' },
      })
    const preview = await oneAtATime(async () => {
      signal.throwIfAborted()
      return await previewMosaic({
        ...{ target: picture, grid, tiles, options: rules, longest, signal },
        ...(mask && { mask }),
        limits: { pixels: pixelsAtMost },
        threads: 1,
      })
    }).catch((error: unknown) => {
      if (!(error instanceof PictureError)) throw error
      // Only known after opening the library, because near-duplicates count once.
      const places: Partial<Record<PictureErrorCode, string>> = {
        library_too_small: '/job/library',
        mask_unusable: '/mask',
      }
      throw pictureProblem(error, places[error.code] ?? '/image')
    })
    kept.set(digest, preview)
    return preview
  }
}
