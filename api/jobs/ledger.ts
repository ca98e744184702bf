/** Jobs beyond Temporal's retention, most recently ended first, from the ledger in the store. */
import { buffer } from 'node:stream/consumers'
import { z } from '@hono/zod-openapi'
import pLimit from 'p-limit'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { accessTo } from '../access/ownership.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { JobStatus, JobSummary } from '../schemas/job.ts'
import { urlsOf } from './describe-job.ts'
import type { JobLinks } from './job-links.ts'
import { runsOf } from './job-runs.ts'
import { isGone, isStored } from './stored-job.ts'

/** A page, as `activities/keep-ledger.ts` writes it. */
const ledgerPage = z.array(
  z.object({
    id: z.string(),
    type: z.enum(['mosaic', 'resize', 'tiles', 'bulk']),
    status: z.enum(['succeeded', 'failed', 'canceled']),
    createdAt: z.string(),
    completedAt: z.string(),
    params: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.string()).exactOptional(),
  }),
)
type Line = z.infer<typeof ledgerPage>[number]

/** Where to resume: after this many lines of a page, or after its end. Without a page: at the first one. */
export interface LedgerPlace {
  page?: string
  line: number | 'end'
}

/** Pages read per request at most. The response may then have fewer jobs than requested, and a cursor to continue. */
const pagesAtMost = 4

/** A place from a cursor, which is validated because callers may have made it up. */
export const ledgerPlace = z.union([
  z.strictObject({
    page: z.string().refine(layout.ledger.isPage),
    line: z.union([z.int().min(0), z.literal('end')]),
  }),
  z.strictObject({ line: z.literal(0) }),
])

export async function readLedger(
  deps: ApiDependencies,
  filter: { type?: string | undefined; status?: JobStatus | undefined; limit: number },
  from: LedgerPlace,
  links: JobLinks,
): Promise<{ data: JobSummary[]; next: LedgerPlace | null }> {
  const data: JobSummary[] = []
  let place = from
  for (let pages = 0; pages < pagesAtMost; pages++) {
    const page = await pageAt(deps, place)
    if (!page) return { data, next: null }
    let line = page.line
    while (line < page.lines.length && data.length < filter.limit) {
      // In chunks of the requested size, since most lines pass the filter.
      const lines = page.lines.slice(line, line + filter.limit)
      const wanted = lines.filter(
        ({ type, status }) => (filter.type ?? type) === type && (filter.status ?? status) === status,
      )
      const shown = await onlyForgotten(deps, wanted)
      for (const each of lines) {
        if (data.length === filter.limit) break
        line++
        if (shown.has(each)) data.push(summaryOf(each, links))
      }
    }
    if (line < page.lines.length) return { data, next: { page: page.key, line } }
    place = { page: page.key, line: 'end' }
    if (data.length === filter.limit) break
  }
  return { data, next: (await pageAt(deps, place)) ? place : null }
}

async function pageAt({ store }: ApiDependencies, { page, line }: LedgerPlace) {
  const { bucket, key: prefix } = layout.ledger.prefix
  const key =
    page !== undefined && line !== 'end'
      ? page
      : (await store.list(bucket, { prefix, limit: 1, ...(page !== undefined && { after: page }) }))
          .objects[0]?.key
  if (key === undefined) return undefined
  const stored = await store.get(bucket, key).catch((error: unknown) => {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  })
  if (!stored) return undefined
  const lines = ledgerPage.parse(JSON.parse((await buffer(stored.body)).toString()))
  return { key, lines, line: key === page && line !== 'end' ? line : 0 }
}

/** Omits jobs that Temporal still lists, that belong to others, that were deleted, or that have expired. */
async function onlyForgotten(deps: ApiDependencies, lines: Line[]): Promise<Set<Line>> {
  if (lines.length === 0) return new Set()
  const ids = lines.map(({ id }) => id)
  const known = new Set((await runsOf(deps.client, ids)).map(({ id }) => id))
  const atOnce = pLimit(16)
  const isShown = async (id: string) =>
    !known.has(id) &&
    (deps.tenant === undefined || (await accessTo(deps, deps.tenant, id)) === 'full') &&
    (await isStored(deps, id)) &&
    !(await isGone(deps, id))
  const shown = await Promise.all(ids.map((id) => atOnce(isShown, id)))
  return new Set(lines.filter((_, at) => shown[at]))
}

const summaryOf = (
  { id, type, status, createdAt, completedAt, params, metadata }: Line,
  links: JobLinks,
) => ({
  ...{ id, type, status, params },
  created_at: createdAt,
  completed_at: completedAt,
  ...(metadata && { metadata }),
  urls: urlsOf(id, links),
})
