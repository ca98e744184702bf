/** Tile libraries: list them, add photos to one. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { JobOrder, TileSource } from '../../workflows/contract/job.ts'
import { mayUse, requireLibrary } from '../access/own-libraries.ts'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { bytesOf, fileParts, isForm, jsonBody, jsonPart, onlyParts, readForm } from '../input/form.ts'
import { inHand } from '../input/in-hand.ts'
import { webhookOf } from '../input/job-request.ts'
import { limitedBody } from '../input/limited-body.ts'
import { type ResolvedPicture, resolvePicture } from '../input/picture-input.ts'
import { stagedList } from '../input/staged-list.ts'
import { type JobDesk, pending, startAskedJob } from '../jobs/asked-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { refuseFloods } from '../jobs/open-jobs.ts'
import { wrongValue } from '../problems.ts'
import { job } from '../schemas/job.ts'
import { alsoForm, startHeaders } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  type FormTilesRequest,
  formTilesRequest,
  libraryList,
  photosAtMost,
  type TilesRequest,
  tilesRequest,
} from '../schemas/tiles.ts'
import { linksFor, siteOf } from '../site.ts'
import { parse, rejectInvalid } from '../validation.ts'

const postTiles = createRoute({
  method: 'post',
  path: '/v1/tiles',
  tags: ['Tile libraries'],
  summary: 'Add photos to a tile library',
  description:
    'Starts a `tiles` job. A library is created with its first photo. Near-duplicates are recognised; unreadable files are ' +
    'skipped and listed in the result. For many photos, use `POST /v1/uploads` first.',
  request: {
    headers: startHeaders.omit({ prefer: true }),
    body: {
      required: false,
      content: {
        'application/json': { schema: tilesRequest },
        ...alsoForm({
          type: 'object',
          required: ['image', 'job'],
          properties: {
            image: { type: 'array', items: { type: 'string', format: 'binary' } },
            job: { $ref: '#/components/schemas/FormTilesRequest' },
          },
        }),
      },
    },
  },
  responses: {
    202: { description: 'The job', content: { 'application/json': { schema: job } } },
    ...problemResponses(400, 401, 413, 415, 422, 429, 503),
  },
})

const getTiles = createRoute({
  method: 'get',
  path: '/v1/tiles',
  tags: ['Tile libraries'],
  summary: 'List tile libraries',
  description: '`starter` is drawn by the service itself on first use.',
  responses: {
    200: { description: 'By name', content: { 'application/json': { schema: libraryList } } },
    ...problemResponses(401, 503),
  },
})

interface Photos {
  library: string
  metadata?: Record<string, string> | undefined
  order: JobOrder
  photos: (ResolvedPicture & { name: string; author?: TileSource['author'] })[]
}

export function tileRoutes(deps: ApiDependencies, desk: JobDesk) {
  const { bodyBytes } = deps.environment.limits
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.openAPIRegistry.register('FormTilesRequest', formTilesRequest)
  app.post('/v1/tiles', refuseFloods(desk.openJobs))
  app.post('/v1/tiles', limitedBody(bodyBytes, { instead: 'POST /v1/uploads takes photos one by one.' }))

  return app
    .openapi(postTiles, async (c) => {
      const theirs = onBehalfOf(deps, c)
      const { library, metadata, order, photos } = isForm(c)
        ? await photosOfForm(c, theirs)
        : await photosOfJson(theirs, jsonBody(c, c.req.valid('json')))
      const sources: TileSource[] = photos.map(({ source, name, author }) => ({
        source,
        name,
        ...(author && { author }),
      }))
      const { id } = await startAskedJob(c, deps, desk, {
        type: 'tiles',
        params: { library, photos: photos.length },
        ...(metadata && { metadata }),
        arg: async (id) => ({
          library,
          sources: await stagedList(deps.store, sources).stageIfLong(id),
          count: sources.length,
          ...order,
        }),
        identity: [photos.map(({ identity, name, author }) => [identity, name, author]), order],
        summary: `${photos.length} photos for the tile library ${library}`,
      })
      return c.json(pending(c, await findJob(deps, id, linksFor(deps, siteOf(deps, c)))), 202)
    })
    .openapi(getTiles, async (c) => {
      const libraries = (await deps.listLibraries()).filter(({ name }) => mayUse(c.get('tenant'), name))
      return c.json({ data: libraries.map(({ name, tiles }) => ({ name, tiles })) }, 200)
    })
}

async function photosOfForm(c: Context, deps: ApiDependencies): Promise<Photos> {
  const form = await readForm(c)
  onlyParts(form, ['image', 'job'])
  const request = await parse(formTilesRequest, await jsonPart(form, 'job'), '/job')
  const { library, metadata } = request
  requireLibrary(deps.tenant, library, 'add')
  const order = webhookOf(deps, request, '/job')
  const files = fileParts(form, 'image')
  if (files.length > photosAtMost)
    throw wrongValue(
      'invalid_request',
      '/image',
      `Expected at most ${photosAtMost} photos, received ${files.length}.`,
    )
  const photos = await Promise.all(
    files.map((file, at) =>
      inHand(async () => ({
        ...(await resolvePicture(deps, { bytes: await bytesOf(file) }, `/image/${at}`)),
        name: file.name.slice(0, 200) || `photo ${at + 1}`,
        ...(request.author && { author: creditOf(request.author) }),
      })),
    ),
  )
  return { library, metadata, order, photos }
}

/** Omits empty fields. */
const creditOf = ({ name, handle }: NonNullable<FormTilesRequest['author']>) => ({
  ...(name && { name }),
  ...(handle && { handle }),
})

async function photosOfJson(deps: ApiDependencies, request: TilesRequest): Promise<Photos> {
  requireLibrary(deps.tenant, request.library, 'add')
  const photos = await Promise.all(
    request.sources.map((input, at) =>
      inHand(async () => ({
        ...(await resolvePicture(deps, input, `/sources/${at}`)),
        name: input.url ?? input.upload ?? `photo ${at + 1}`,
      })),
    ),
  )
  const { library, metadata } = request
  return { library, metadata, order: webhookOf(deps, request, ''), photos }
}
