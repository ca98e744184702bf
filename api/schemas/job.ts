/** A job in the API. Fields are only ever added, never changed or removed. */
import { z } from '@hono/zod-openapi'

export const jobStatus = z
  .enum(['queued', 'processing', 'succeeded', 'failed', 'canceled'])
  .openapi('JobStatus')
export const jobType = z.enum(['mosaic', 'resize', 'tiles', 'bulk']).openapi('JobType')

const moment = z.iso.datetime().openapi({ example: '2026-11-21T03:10:00.000Z' })
const url = z.string().openapi({ format: 'uri' })

const picture = z
  .object({
    url,
    width: z.int().openapi({ description: 'Pixels.' }),
    height: z.int(),
    bytes: z.int(),
  })
  .openapi('Picture')

const fidelity = z
  .object({ k1: z.number(), k2: z.number(), k4: z.number(), ssim: z.number().optional() })
  .openapi('Fidelity', {
    description:
      'Mean OKLab difference between photo and mosaic at k x k samples per cell, times 100: lower is closer. `ssim`: how similar ' +
      'their structure is where a cell is 4 x 4 pixels, at most 1.',
  })

export const tileUsage = z
  .object({
    tiles: z.int().openapi({ description: 'Number of distinct photos.' }),
    histogram: z
      .array(z.object({ from: z.int(), to: z.int(), tiles: z.int() }))
      .openapi({ description: 'How many of them are used `from` to `to` times.' }),
    repeats: z.int().openapi({ description: 'Cells whose photo an earlier cell already shows.' }),
    nearest: z.int().optional().openapi({
      description:
        'Distance in cells from a photo to its nearest repetition, counted like moves of a chess king.',
    }),
  })
  .openapi('TileUsage')

export const mosaicResult = z
  .object({
    large: picture,
    small: picture,
    target: picture.optional().openapi({ description: 'The original photo, small.' }),
    dzi: url.openapi({
      description: 'Deep-zoom descriptor; its tiles are next to it under `mosaic_files/`.',
    }),
    plan: url.openapi({ description: 'JSON: which photo is in which cell, and where it comes from.' }),
    fidelity: fidelity.optional(),
    cells: z
      .object({
        columns: z.int(),
        rows: z.int(),
        count: z.int().optional().openapi({
          description:
            'The number of cells, if they differ in size or some are missing. Columns and rows then count cells of the smallest size.',
        }),
      })
      .optional(),
    usage: tileUsage.optional(),
    publication: z
      .object({
        status: z.enum(['published', 'gallery_only', 'unknown']),
        url: z.string().optional(),
        reason: z.string().optional(),
      })
      .optional(),
  })
  .openapi('MosaicResult')

const resized = picture.extend({
  format: z.string(),
  sha256: z.string().openapi({ description: 'Hash of the bytes, hex.' }),
})

export const resizeResult = resized
  .extend({
    outputs: z
      .array(resized.extend({ name: z.string() }).openapi('ResizedOutput'))
      .optional()
      .openapi({
        description: 'For a job with several outputs; the first one is also the result itself.',
      }),
  })
  .openapi('ResizeResult')

export const tilesResult = z
  .object({
    library: z.string(),
    added: z.int(),
    duplicates: z.int(),
    held: z.int().optional().openapi({ description: 'Photos waiting for a moderator (`MODERATE=tiles`).' }),
    skipped: z
      .array(z.object({ name: z.string(), code: z.string(), message: z.string() }))
      .openapi({ description: 'The first 100 photos that were skipped.' }),
    size: z.int().openapi({ description: 'Number of tiles in the library now.' }),
    removed: z.int().optional().openapi({ description: "Number of the person's tiles that were removed." }),
    remade: z.int().optional().openapi({ description: 'Mosaics remade without them.' }),
  })
  .openapi('TilesResult')

export const bulkResult = z
  .object({
    items: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    failures: z.array(z.object({ name: z.string(), code: z.string(), message: z.string() })).openapi({
      description: 'The first 100 pictures that failed. `POST …/replay` tries all failed ones again.',
    }),
    manifest: z
      .object({ url, bytes: z.int() })
      .openapi({ description: 'One line of JSON per picture: its result, or why it failed.' }),
  })
  .openapi('BulkResult')

const progress = z
  .object({
    stage: z.string().openapi({
      description:
        '`queued`, or the running step: `download`, `tile-match`, `compose`, `thumbnail`, `upload`, …',
      example: 'compose',
    }),
    done: z
      .number()
      .openapi({ description: 'Progress of the running step, out of `total`, in its own units.' }),
    total: z.number(),
    step: z.int().openapi({ description: 'Number of the running step, from 1; 0 while queued.' }),
    steps: z.int().openapi({ description: 'How many steps the job has; 0 while queued.' }),
  })
  .openapi('Progress')

const jobError = z
  .object({
    code: z.string().openapi({ description: 'For programs.', example: 'not_an_image' }),
    message: z.string().openapi({ description: 'A sentence for a person.' }),
    retryable: z.boolean().openapi({ description: 'Whether a replay of the job may succeed.' }),
    stage: z.string().optional(),
  })
  .openapi('JobError')

const attempt = z
  .object({
    stage: z.string(),
    attempt: z.int().openapi({ description: 'The attempt that is running or waiting, from 2.' }),
    last_error: z.object({ code: z.string(), message: z.string() }),
    next_retry_at: moment.optional(),
  })
  .openapi('Attempt')

const earlierRun = z
  .object({
    started_at: moment,
    completed_at: moment.nullable(),
    error: jobError.nullable(),
    temporal: url.optional().openapi({ description: 'The run in the Temporal Web UI.' }),
  })
  .openapi('EarlierRun')

export const decision = z
  .discriminatedUnion('decision', [
    z.strictObject({
      decision: z.literal('post').openapi({
        description: 'Post the reply, unless it is already on the timeline.',
      }),
    }),
    z.strictObject({
      decision: z
        .literal('published')
        .openapi({ description: 'Somebody has seen the reply on the network.' }),
      url: z.url({ protocol: /^https?$/ }),
    }),
    z.strictObject({ decision: z.literal('gallery_only').openapi({ description: 'Do not reply.' }) }),
  ])
  .openapi('PublishDecision')

export type EarlierRun = z.infer<typeof earlierRun>

const jobStep = z
  .object({
    stage: z.string().openapi({ example: 'compose' }),
    summary: z.string().optional().openapi({ description: 'What it works on, in a few words.' }),
    status: z.enum(['waiting', 'running', 'retrying', 'succeeded', 'failed', 'canceled']),
    scheduled_at: moment,
    started_at: moment.nullable().openapi({ description: 'Start of the last attempt.' }),
    completed_at: moment.nullable(),
    attempts: z.int().openapi({ description: '0 until a worker has picked it up.' }),
    last_error: z.object({ code: z.string(), message: z.string() }).optional(),
    next_retry_at: moment.optional(),
  })
  .openapi('JobStep')

export type JobStep = z.infer<typeof jobStep>

export const jobStepList = z.object({ data: z.array(jobStep) }).openapi('JobStepList')

const urls = z
  .object({
    self: url,
    result: url.optional().openapi({ description: 'The bytes of the result. Not for `tiles`.' }),
    events: url,
    cancel: url,
    replay: url.optional().openapi({ description: 'For a failed job: resumes at the step that failed.' }),
    temporal: url.optional().openapi({ description: 'The run in the Temporal Web UI.' }),
  })
  .openapi('JobUrls')

export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'Expected at most 16 pairs')
  .openapi({ description: 'Up to 16 pairs of strings, returned with the job.', example: { order: '4711' } })

const base = z.object({
  id: z.string().openapi({ example: 'mosaic-01kahm5v5c3k9z8v1m6n4q2r7t' }),
  status: jobStatus,
  progress,
  created_at: moment,
  started_at: moment.nullable(),
  completed_at: moment.nullable(),
  error: jobError.nullable(),
  attempts: z.array(attempt).openapi({ description: 'Steps that failed and are being retried.' }),
  earlier_runs: z.array(earlierRun).optional().openapi({
    description: 'For a job that was replayed: how it failed before, latest first, at most 10.',
  }),
  parent: z.string().optional().openapi({ description: 'The job that this one is a changed version of.' }),
  metadata: z.record(z.string(), z.string()).optional(),
  urls,
})

const params = z.record(z.string(), z.unknown()).openapi({ description: 'Including defaults.' })

export const job = z
  .discriminatedUnion('type', [
    base.extend({ type: z.literal('mosaic'), params, result: mosaicResult.nullable() }).openapi('MosaicJob'),
    base.extend({ type: z.literal('resize'), params, result: resizeResult.nullable() }).openapi('ResizeJob'),
    base.extend({ type: z.literal('tiles'), params, result: tilesResult.nullable() }).openapi('TilesJob'),
    base.extend({ type: z.literal('bulk'), params, result: bulkResult.nullable() }).openapi('BulkJob'),
  ])
  .openapi('Job')

export type Job = z.infer<typeof job>
export type JobStatus = z.infer<typeof jobStatus>

export const jobSummary = base
  .pick({ id: true, status: true, created_at: true, completed_at: true, urls: true })
  .extend({ type: jobType, params, metadata: z.record(z.string(), z.string()).optional() })
  .openapi('JobSummary')

export type JobSummary = z.infer<typeof jobSummary>

export const jobList = z
  .object({
    data: z.array(jobSummary),
    has_more: z.boolean(),
    next: z.string().nullable().openapi({ description: 'Pass it as `after` to get the following page.' }),
  })
  .openapi('JobList')
