/** Bulk items: the lists and outcomes of a bulk job's pictures, stored as one numbered file per batch. */
import { z } from 'zod'
import * as layout from '../adapters/object-store/layout.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
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

export type BulkItem = BulkSource & {
  /** Position in the whole job, from 0. The result is named after it. */
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

const items = z.array(z.intersection(bulkSources.element, z.object({ index: z.number() })))

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

/** The outcomes of one round, batch by batch. */
export async function* readOutcomes(store: ObjectStore, jobId: string, round: number, signal: AbortSignal) {
  const { bucket, key: prefix } = layout.bulk.round(jobId, round)
  let after: string | undefined
  do {
    const { objects, next } = await store.list(bucket, { prefix, ...(after !== undefined && { after }) })
    for (const { key } of objects) yield outcomes.parse(await readJson(store, { bucket, key }, signal))
    after = next
  } while (after !== undefined)
}

async function readJson(store: ObjectStore, place: layout.Place, signal: AbortSignal): Promise<unknown> {
  return JSON.parse(Buffer.from(await readObject(store, place, signal)).toString())
}
