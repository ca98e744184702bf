/** Resize: makes one or several versions of a picture in other sizes or formats. */
import { createHash } from 'node:crypto'
import { cancellationSignal, metricMeter } from '@temporalio/activity'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import {
  type PictureLimits,
  type ResizedPicture,
  type ResizeOptions,
  resizePictures,
} from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import { pictureDigest, remember, resizeDigest, reuse } from './resize-cache.ts'

/** The engine's options, with a reference to the watermark's picture. */
export type ResizeParams = Omit<ResizeOptions, 'watermark'> & {
  watermark?: NonNullable<ResizeOptions['watermark']> & { image?: ObjectRef }
}

export interface ResizeInput {
  jobId: string
  picture: ObjectRef
  params: ResizeParams
}

export interface StoredResize extends ObjectRef {
  width: number
  height: number
  format: string
  bytes: number
  /** SHA-256 of the result's bytes, hex. */
  sha256: string
}

export interface StoredResizes extends StoredResize {
  outputs?: (StoredResize & { name: string })[]
}

export function createResize({ store, limits }: { store: ObjectStore; limits: PictureLimits }) {
  return async function resize({ jobId, picture, params }: ResizeInput): Promise<StoredResizes> {
    const signal = cancellationSignal()
    return await withHeartbeat(async () => {
      let read: Promise<Uint8Array> | undefined
      const original = () => {
        read ??= readObject(store, picture, signal)
        return read
      }
      const digest = resizeDigest(await pictureDigest(picture, original), params)
      const before = await reuse(store, digest, jobId, signal)
      countLookup(before ? 'found' : 'not found')
      if (before) return before
      const made = await make(jobId, await original(), params, signal)
      await remember(store, digest, made)
      return made
    })
  }

  async function make(
    jobId: string,
    original: Uint8Array,
    params: ResizeParams,
    signal: AbortSignal,
  ): Promise<StoredResizes> {
    const { image, ...mark } = params.watermark ?? {}
    const made = await resizePictures(
      original,
      { ...params, watermark: params.watermark && mark } as ResizeOptions,
      { signal, limits, watermark: image && (await readObject(store, image, signal)) },
    )
    const first = await keep(made[0]!, layout.resized(jobId, made[0]!.format), signal)
    if (!params.outputs) return first
    const outputs = []
    for (const one of made) {
      const name = one.name ?? ''
      const file = `${name}.${layout.extensionOf(one.format)}`
      outputs.push({ name, ...(await keep(one, layout.resizedOutput(jobId, file), signal)) })
    }
    return { ...first, outputs }
  }

  async function keep(
    { bytes, width, height, format, contentType }: ResizedPicture,
    place: ObjectRef,
    signal: AbortSignal,
  ): Promise<StoredResize> {
    await store.put(place.bucket, place.key, bytes, { contentType, signal })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { ...place, width, height, format, bytes: bytes.byteLength, sha256 }
  }
}

function countLookup(result: 'found' | 'not found'): void {
  const lookUps = metricMeter.createCounter(
    'mosaicme_resize_cache_lookups',
    undefined,
    'Lookups in the resize cache, by result.',
  )
  lookUps.add(1, { result })
}
