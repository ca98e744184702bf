/** Bulk items: the lists and outcomes of a bulk job's pictures, stored as one numbered file per batch. */
import { z } from 'zod'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import { readObject } from './objects.ts'

const objectRef = z.object({ bucket: z.enum(['in', 'raw', 'large', 'small']), key: z.string() })

/** A list of pictures, as the API writes it. */
export const bulkSources = z.array(
  z.object({
    /** How a person recognises it. */
    name: z.string(),
    source: z.union([z.object({ object: objectRef }), z.object({ url: z.string() })]),
  }),
)
export type BulkSource = z.infer<typeof bulkSources>[number]

/** Why a picture cannot be had, now or later. */
const fault = z.object({ code: z.string(), message: z.string() })

/** What a job is about, as it was found. */
export type FoundPicture = BulkSource & {
  /** Present: nothing lies where it would be. */
  fault?: z.infer<typeof fault>
}

export type BulkItem = FoundPicture & {
  /** Its place in the whole job, from 0. Its result is named after it. */
  index: number
}

const stored = z.object({
  key: z.string(),
  width: z.number(),
  height: z.number(),
  format: z.string(),
  bytes: z.number(),
  sha256: z.string(),
})

/** The outcome for a picture: one line of the manifest. */
const outcome = z.object({
  index: z.number(),
  name: z.string(),
  source: z.union([z.object({ object: objectRef }), z.object({ url: z.string() })]).optional(),
  result: stored.extend({ outputs: z.array(stored.extend({ name: z.string() })).optional() }).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})
export type Outcome = z.infer<typeof outcome>

/** `run`: the workflow run. A replay retries failures of earlier runs, not its own. */
const outcomes = z.object({ run: z.string(), outcomes: z.array(outcome) })

const items = z.array(
  z.intersection(bulkSources.element, z.object({ index: z.number(), fault: fault.exactOptional() })),
)

export async function writeBatch(
  store: ObjectStore,
  jobId: string,
  round: number,
  batch: number,
  list: BulkItem[],
) {
  const { bucket, key } = layout.bulk.items(jobId, round, batch)
  await store.put(bucket, key, Buffer.from(JSON.stringify(list)), { contentType: 'application/json' })
}

export async function readBatch(
  store: ObjectStore,
  where: { jobId: string; round: number; batch: number },
  signal: AbortSignal,
): Promise<BulkItem[]> {
  return items.parse(await readJson(store, layout.bulk.items(where.jobId, where.round, where.batch), signal))
}

export async function writeOutcomes(
  store: ObjectStore,
  where: { jobId: string; round: number; batch: number },
  run: string,
  list: Outcome[],
) {
  const { bucket, key } = layout.bulk.outcomes(where.jobId, where.round, where.batch)
  await store.put(bucket, key, Buffer.from(JSON.stringify({ run, outcomes: list })), {
    contentType: 'application/json',
  })
}

/** Of a batch that was done before, by an attempt whose answer got lost or before its job was replayed. */
export async function outcomesBefore(
  store: ObjectStore,
  where: { jobId: string; round: number; batch: number },
  signal: AbortSignal,
): Promise<Outcome[] | undefined> {
  try {
    const place = layout.bulk.outcomes(where.jobId, where.round, where.batch)
    return outcomes.parse(await readJson(store, place, signal)).outcomes
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

/** Of one round, batch after batch. */
export async function* readOutcomes(store: ObjectStore, jobId: string, round: number, signal: AbortSignal) {
  for await (const place of objectsUnder(store, layout.bulk.round(jobId, round)))
    yield outcomes.parse(await readJson(store, place, signal))
}

async function readJson(store: ObjectStore, place: layout.Place, signal: AbortSignal): Promise<unknown> {
  return JSON.parse(Buffer.from(await readObject(store, place, signal)).toString())
}
