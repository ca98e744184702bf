/** Publishes a mosaic's pictures: copies them from the job's staged work to their public keys. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { ObjectRef } from './objects.ts'
import { readArchive } from './pyramid-archive.ts'

interface StagedPictures {
  jobId: string
  large: ObjectRef
  small: ObjectRef
  pyramid: ObjectRef
  author?: { name?: string; handle?: string } | undefined
  post?: { url: string } | undefined
}

interface Work {
  /** An empty directory on the local disk. */
  directory: string
  report: (done: number, total: number) => void
  signal: AbortSignal
}

/** Publishes the large picture, the small one and the pyramid. Publishing again overwrites them. */
export async function publishPictures(store: ObjectStore, staged: StagedPictures, work: Work): Promise<void> {
  const { signal } = work
  await publishPyramid(store, staged, work)
  const options = { contentType: 'image/jpeg', metadata: credits(staged), signal }
  await store.copy(staged.large, layout.mosaic.large(staged.jobId), options)
  await store.copy(staged.small, layout.mosaic.small(staged.jobId), options)
}

async function publishPyramid(
  store: ObjectStore,
  { jobId, pyramid }: StagedPictures,
  { directory, report, signal }: Work,
): Promise<void> {
  const archive = join(directory, 'pyramid.zip')
  const { body } = await store.get(pyramid.bucket, pyramid.key, { signal })
  await pipeline(body, createWriteStream(archive), { signal })
  let done = 0
  await readArchive(archive, async ({ name, bytes, entries }) => {
    const place = placeOf(jobId, name)
    if (!place) return
    const contentType = name.endsWith('.dzi') ? 'application/xml' : 'image/jpeg'
    await store.put(place.bucket, place.key, bytes, { contentType, signal })
    done += 1
    report(done, entries)
  })
}

/** The key for a member of the pyramid's archive; `undefined` for members that the viewer does not need. */
function placeOf(jobId: string, name: string): ObjectRef | undefined {
  if (name === 'mosaic.dzi') return layout.mosaic.dzi(jobId)
  const tile = /^mosaic_files\/(\d+\/\d+_\d+\.jpg)$/.exec(name)?.[1]
  if (!tile) return undefined
  const { bucket, key } = layout.mosaic.dziTiles(jobId)
  return { bucket, key: key + tile }
}

/** The author's name as object metadata, where the predecessor of this system kept it too. */
function credits({ author, post }: StagedPictures): Record<string, string> {
  return {
    ...(author?.name && { author: author.name }),
    ...(author?.handle && { username: author.handle }),
    ...(post && { post: post.url }),
  }
}
