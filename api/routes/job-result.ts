/** A job's result, and the files of a mosaic. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import * as layout from '../../adapters/object-store/layout.ts'
import type { Bucket } from '../../adapters/object-store/object-store.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { sendStoredObject } from '../http/stored-object.ts'
import { findJob, unknownJob } from '../jobs/find-job.ts'
import { jobTypeOf } from '../jobs/job-id.ts'
import { createVirtualTiles } from '../jobs/virtual-tiles.ts'
import { Problem } from '../problems.ts'
import type { Job } from '../schemas/job.ts'
import { jobIdParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const bytes = { schema: { type: 'string', format: 'binary' } } as const

const getResult = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/result',
  tags: ['Jobs'],
  summary: 'Fetch the result',
  description:
    "The resized picture, or one of a mosaic's files: `part` is `large` (the default), `small`, `dzi` or `plan`. " +
    'Ranges and conditional requests are supported.',
  request: {
    params: jobIdParameter,
    query: z.strictObject({
      part: z.enum(['large', 'small', 'dzi', 'plan']).default('large'),
      // Parameters of a signed link, checked by the authentication.
      ...{ for: z.string().optional(), expires: z.string().optional(), signature: z.string().optional() },
    }),
  },
  responses: {
    200: { description: 'The bytes', content: { 'image/*': bytes } },
    206: { description: 'The range', content: { 'image/*': bytes } },
    304: { description: 'Unchanged' },
    ...problemResponses(404, 409, 410, 416, 503),
  },
})

const getFile = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/files/{name}',
  tags: ['Jobs'],
  summary: "Fetch a mosaic's file, or one of a resize's outputs",
  description:
    '`NAME.jpg` of an output; `large.jpg`, `small.jpg`, `target.jpg` (the photo, small), `mosaic.dzi`, `mosaic_files/LEVEL/COLUMN_ROW.jpg` or `plan.json`. They never change, so ' +
    'caches may keep those of mosaics, which are public.',
  request: {
    params: jobIdParameter.extend({ name: z.string().openapi({ param: { name: 'name', in: 'path' } }) }),
  },
  responses: {
    200: { description: 'The file', content: { 'image/*': bytes } },
    304: { description: 'Unchanged' },
    ...problemResponses(404, 416, 503),
  },
})

export function jobResultRoutes(deps: ApiDependencies) {
  const { store } = deps
  const virtualTile = createVirtualTiles(deps)
  /* The record is the first object that a deletion removes. */
  const isPublished = async (id: string) => {
    const { bucket, key } = layout.mosaic.record(id)
    return (await store.head(bucket, key)) !== undefined
  }
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  // Documented by hand: the name of a deep-zoom tile contains slashes, which a path parameter cannot.
  app.openAPIRegistry.registerPath(getFile)

  const routes = app.openapi(getResult, async (c) => {
    const { id } = c.req.valid('param')
    const found = await findJob(deps, id, linksFor(deps, siteOf(deps, c)))
    if (found.status !== 'succeeded' || found.type === 'tiles') throw nothingToFetch(found)
    const { part } = c.req.valid('query')
    const place =
      found.type === 'resize'
        ? layout.resized(id, found.result!.format)
        : found.type === 'bulk'
          ? layout.bulk.manifest(id)
          : layout.mosaic[part](id)
    const sent =
      place &&
      (await sendStoredObject(c, store, place, {
        filename: `${id}.${place.key.split('.').at(-1)}`,
        // Caches must revalidate, so that a deletion takes effect.
        cacheControl: 'private, no-cache',
      }))
    if (!sent) throw new Problem('no_result', `The result of ${id} is no longer in the store.`)
    return sent
  })

  app.get('/v1/jobs/:id/files/:name{.+}', async (c) => {
    const { id, name } = c.req.param()
    const type = jobTypeOf(id)
    if (type === undefined || type === 'tiles') throw unknownJob(id)
    const place = type === 'mosaic' ? placeOf(id, name) : outputOf(type, id, name)
    const filename = `${id}-${name.replaceAll('/', '-')}`
    // Revalidated after an hour, so that deleted files leave the caches. Mosaics are public; other results belong to their
    // owners, so shared caches must not keep them.
    const cacheControl = type === 'mosaic' ? 'public, max-age=3600' : 'private, no-cache'
    const sent = place && (await sendStoredObject(c, store, place, { filename, cacheControl }))
    if (sent) return sent
    const deep = type === 'mosaic' && deepZoomTile.exec(name)?.[1]
    const made = deep && (await isPublished(id)) ? await virtualTile(id, deep) : undefined
    if (!made)
      throw new Problem('file_not_found', `The job ${id} has no file ${JSON.stringify(name.slice(0, 100))}.`)
    return c.body(new Uint8Array(made), 200, {
      'Content-Type': 'image/jpeg',
      'Content-Disposition': `inline; filename="${filename}"`,
      'Cache-Control': 'public, max-age=3600',
    })
  })

  return routes
}

/** One of the outputs of a resize, or one of a bulk job's pictures. */
function outputOf(type: 'resize' | 'bulk', id: string, name: string) {
  if (!/^[a-z0-9][a-z0-9_-]{0,80}\.(jpg|png|webp|avif|gif|tiff)$/.test(name)) return undefined
  return type === 'resize' ? layout.resizedOutput(id, name) : layout.bulk.file(id, name)
}

const deepZoomTile = /^mosaic_files\/(\d{1,2}\/\d{1,5}_\d{1,5}\.jpg)$/

/** Only known names: nothing else of a request's path reaches the store. */
function placeOf(id: string, name: string): { bucket: Bucket; key: string } | undefined {
  switch (name) {
    case 'large.jpg':
      return layout.mosaic.large(id)
    case 'small.jpg':
      return layout.mosaic.small(id)
    case 'target.jpg':
      return layout.mosaic.target(id)
    case 'mosaic.dzi':
      return layout.mosaic.dzi(id)
    case 'plan.json':
      return layout.mosaic.plan(id)
  }
  const tile = deepZoomTile.exec(name)?.[1]
  if (tile === undefined) return undefined
  const { bucket, key } = layout.mosaic.dziTiles(id)
  return { bucket, key: key + tile }
}

function nothingToFetch(job: Job): Problem {
  if (job.type === 'tiles')
    return new Problem('no_result', 'A tile import makes no picture: its result is in the job itself.')
  if (job.status === 'queued' || job.status === 'processing')
    return new Problem('not_finished', `The job is ${job.status}: there is no result yet.`, {
      headers: { 'Retry-After': job.type === 'resize' ? '1' : '5' },
    })
  return new Problem(
    'no_result',
    `The job is over (${job.status})${job.error ? `: ${job.error.message}` : '.'}`,
  )
}
