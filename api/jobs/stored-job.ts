/** A job beyond Temporal's retention, from the object store: its result, or the record of how it ended without one. */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { z } from '@hono/zod-openapi'
import * as layout from '../../adapters/object-store/layout.ts'
import { type ObjectInfo, ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { inspectPicture } from '../../engine/picture.ts'
import type { BulkResult, ObjectRef } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { type Job, tileUsage } from '../schemas/job.ts'
import { wasDeleted } from './delete-job.ts'
import { urlsOf, withResult } from './describe-job.ts'
import { jobTypeOf } from './job-id.ts'
import type { JobLinks } from './job-links.ts'

type Store = Pick<ApiDependencies, 'store'>

/** The job, as far as its result or record describes it; `undefined` if there is neither. */
export async function storedJob(deps: Store, id: string, links: JobLinks): Promise<Job | undefined> {
  // The result first: a failed job may have been replayed since.
  return (await finishedJob(deps, id, links)) ?? (await endedJob(deps, id, links))
}

async function finishedJob({ store }: Store, id: string, links: JobLinks): Promise<Job | undefined> {
  switch (jobTypeOf(id)) {
    case 'mosaic': {
      const record = await mosaicRecord({ store }, id)
      return record && finished(id, record.date, record.params ?? { library: record.library }, record, links)
    }
    case 'resize': {
      const info = await resizedPicture({ store }, id)
      return info && (await resizeJob({ store }, id, info, links))
    }
    case 'bulk': {
      const result = await bulkResult({ store }, id)
      return result && finished(id, result.date, {}, result, links)
    }
    default:
      return undefined
  }
}

export async function isStored({ store }: Store, id: string): Promise<boolean> {
  for (const { bucket, key } of [layout.jobRecord(id), layout.expired(id)])
    if (await store.head(bucket, key)) return true
  if (jobTypeOf(id) === 'resize') return (await resizedPicture({ store }, id)) !== undefined
  if (jobTypeOf(id) === 'bulk') return (await headOf(store, layout.bulk.manifest(id))) !== undefined
  const record = layout.mosaic.record(id)
  return (await store.head(record.bucket, record.key)) !== undefined
}

/** Whether its results were removed after their retention. */
export async function hasExpired({ store }: Store, id: string): Promise<boolean> {
  return (await headOf(store, layout.expired(id))) !== undefined
}

/** Deleted or expired. */
export async function isGone(deps: Store, id: string): Promise<boolean> {
  return (await hasExpired(deps, id)) || (await wasDeleted(deps, id))
}

const headOf = async (store: Store['store'], { bucket, key }: layout.Place) => await store.head(bucket, key)

async function bulkResult({ store }: Store, id: string) {
  const { bucket, key } = layout.bulk.summary(id)
  try {
    const { body, modifiedAt } = await store.get(bucket, key)
    return { ...(JSON.parse((await buffer(body)).toString()) as BulkResult), date: modifiedAt.toISOString() }
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

/** The picture made by a resize job, in whatever format. */
async function resizedPicture({ store }: Store, id: string): Promise<ObjectInfo | undefined> {
  const infos = await Promise.all(layout.resizedInAnyFormat(id).map((place) => headOf(store, place)))
  return infos.find((info) => info !== undefined)
}

/** The fields that a job's JSON needs; `activities/mosaic-record.ts` writes more. */
const mosaicRecordSchema = z.object({
  date: z.string(),
  library: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  large: z.object({ width: z.number(), height: z.number(), bytes: z.number() }),
  small: z.object({ width: z.number(), height: z.number(), bytes: z.number() }),
  fidelity: z
    .object({ k1: z.number(), k2: z.number(), k4: z.number(), ssim: z.number().optional() })
    .optional(),
  cells: z.object({ columns: z.number(), rows: z.number(), count: z.number().exactOptional() }).optional(),
  usage: tileUsage.optional(),
})

/** As `activities/keep-record.ts` writes it. */
const jobRecordSchema = z.object({
  status: z.enum(['failed', 'canceled']),
  params: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.string()).exactOptional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      retryable: z.boolean(),
      stage: z.string().exactOptional(),
    })
    .exactOptional(),
  createdAt: z.string(),
  startedAt: z.string(),
  completedAt: z.string(),
})

/** `undefined` if it is missing or damaged: then nothing is known, which is no reason for a 500. */
async function readRecord<T>(
  { store }: Store,
  { bucket, key }: ObjectRef,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    const { body } = await store.get(bucket, key)
    return schema.parse(JSON.parse((await buffer(body)).toString()))
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined
    throw error
  }
}

const mosaicRecord = (deps: Store, id: string) =>
  readRecord(deps, layout.mosaic.record(id), mosaicRecordSchema)

async function endedJob(deps: Store, id: string, links: JobLinks): Promise<Job | undefined> {
  const record = await readRecord(deps, layout.jobRecord(id), jobRecordSchema)
  if (!record) return undefined
  const { status, params, metadata, error, createdAt, startedAt, completedAt } = record
  const stage = error?.stage ?? 'queued'
  const job = {
    ...{ id, status, params, attempts: [] },
    progress: { stage, done: 0, total: 1, step: 0, steps: 0 },
    created_at: createdAt,
    started_at: startedAt,
    completed_at: completedAt,
    error: error ?? null,
    ...(metadata && { metadata }),
    urls: urlsOf(id, links),
  }
  return withResult(job, undefined, links)
}

async function resizeJob({ store }: Store, id: string, info: ObjectInfo, links: JobLinks): Promise<Job> {
  const { body } = await store.get(info.bucket, info.key)
  const bytes = await buffer(body)
  // Our own picture, which must be readable whatever the limits are now.
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
