/** The resize cache: the same bytes with the same options give the same result, copied within the store. */
import { createHash } from 'node:crypto'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { resizeVersion } from '../engine/index.ts'
import { type ObjectRef, readObject } from './objects.ts'
import type { ResizeParams, StoredResizes } from './resize.ts'

/** Equal for the same picture and options, whatever the order of the options. */
export function resizeDigest(pictureSha256: string, params: ResizeParams): string {
  return createHash('sha256')
    .update(JSON.stringify([resizeVersion, pictureSha256, sorted(params)]))
    .digest('hex')
}

/** SHA-256 of a picture in the store: part of its key if it was uploaded, otherwise computed from its bytes. */
export async function pictureDigest(picture: ObjectRef, read: () => Promise<Uint8Array>): Promise<string> {
  const uploaded = /^uploads\/([0-9a-f]{64})$/.exec(picture.key)?.[1]
  return (
    uploaded ??
    createHash('sha256')
      .update(await read())
      .digest('hex')
  )
}

/**
 * Copies the result of an earlier job, so that this one keeps its own when the other is deleted. `undefined` if there is none,
 * or its pictures are gone.
 */
export async function reuse(
  store: ObjectStore,
  digest: string,
  jobId: string,
  signal: AbortSignal,
): Promise<StoredResizes | undefined> {
  const made = await earlier(store, digest, signal)
  if (!made) return undefined
  const take = async <T extends ObjectRef & { format: string }>(from: T, to: ObjectRef): Promise<T> => {
    const same = from.bucket === to.bucket && from.key === to.key
    if (!same) await store.copy(from, to, { signal })
    return { ...from, ...to }
  }
  try {
    const first = await take(made, layout.resized(jobId, made.format))
    if (!made.outputs) return first
    const outputs = []
    for (const output of made.outputs)
      outputs.push(
        await take(
          output,
          layout.resizedOutput(jobId, `${output.name}.${layout.extensionOf(output.format)}`),
        ),
      )
    return { ...first, outputs }
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

export async function remember(store: ObjectStore, digest: string, made: StoredResizes): Promise<void> {
  const { bucket, key } = layout.resizeMemory(digest)
  await store.put(bucket, key, Buffer.from(JSON.stringify(made)), { contentType: 'application/json' })
}

async function earlier(
  store: ObjectStore,
  digest: string,
  signal: AbortSignal,
): Promise<StoredResizes | undefined> {
  try {
    const bytes = await readObject(store, layout.resizeMemory(digest), signal)
    return JSON.parse(Buffer.from(bytes).toString()) as StoredResizes
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]),
  )
}
