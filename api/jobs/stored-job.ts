/** What the object store knows about a job whose history has aged out of Temporal: the result outlives it. */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import * as layout from '../../adapters/object-store/layout.ts'
import { type ObjectInfo, ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { inspectPicture } from '../../engine/picture.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { Job } from '../schemas/job.ts'
import { urlsOf, withResult } from './describe-job.ts'
import { jobTypeOf } from './job-id.ts'
import type { JobLinks } from './job-links.ts'

type Store = Pick<ApiDependencies, 'store'>

/** The job as far as its result tells of it; `undefined` when there is none. */
export async function storedJob({ store }: Store, id: string, links: JobLinks): Promise<Job | undefined> {
  switch (jobTypeOf(id)) {
    case 'mosaic': {
      const record = await mosaicRecord({ store }, id)
      return record && finished(id, record.date, record.params ?? { library: record.library }, record, links)
    }
    case 'resize': {
      const info = await resizedPicture({ store }, id)
      return info && (await resizeJob({ store }, id, info, links))
    }
    default:
      return undefined
  }
}

export async function isStored({ store }: Store, id: string): Promise<boolean> {
  if (jobTypeOf(id) === 'resize') return (await resizedPicture({ store }, id)) !== undefined
  const { bucket, key } = layout.mosaic.record(id)
  return (await store.head(bucket, key)) !== undefined
}

/** The picture that a resize job made, whatever its format. */
export async function resizedPicture({ store }: Store, id: string): Promise<ObjectInfo | undefined> {
  const { bucket, key } = layout.resized(id, '')
  const { objects } = await store.list(bucket, { prefix: key, limit: 1 })
  return objects[0]
}

interface MosaicRecord {
  date: string
  library: string
  params?: Record<string, unknown>
}

async function mosaicRecord({ store }: Store, id: string): Promise<MosaicRecord | undefined> {
  const { bucket, key } = layout.mosaic.record(id)
  try {
    const { body } = await store.get(bucket, key)
    return JSON.parse((await buffer(body)).toString()) as MosaicRecord
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

async function resizeJob({ store }: Store, id: string, info: ObjectInfo, links: JobLinks): Promise<Job> {
  const { body } = await store.get(info.bucket, info.key)
  const bytes = await buffer(body)
  // Our own picture: what was let in by the limits then is let out whatever they are now.
  const unlimited = { bytes: Infinity, pixels: Infinity, frames: Infinity }
  const { width, height, format } = await inspectPicture(bytes, unlimited)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const result = { width, height, format, bytes: bytes.length, sha256 }
  return finished(id, info.modifiedAt.toISOString(), {}, result, links)
}

function finished(
  id: string,
  date: string,
  params: Record<string, unknown>,
  result: unknown,
  links: JobLinks,
): Job {
  const job = {
    id,
    status: 'succeeded' as const,
    progress: { stage: 'done', done: 1, total: 1, step: 1, steps: 1 },
    created_at: date,
    started_at: null,
    completed_at: null,
    params,
    error: null,
    attempts: [],
    urls: urlsOf(id, links),
  }
  return withResult(job, result, links)
}
