/** Inboxes: folders and prefixes whose new pictures become mosaics or tiles; start, pause, resume, stop. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { inboxPrefix, isAllowed } from '../../adapters/inbox/open-inbox.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { describeInbox, type InboxDescription, listInboxes, startInbox } from '../inboxes/inboxes.ts'
import { jsonBody } from '../input/form.ts'
import { signalStanding, stopStanding } from '../jobs/standing-workflow.ts'
import { Problem, wrongValue } from '../problems.ts'
import { libraryName } from '../schemas/job-request.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const inbox = z
  .object({
    id: z.string().openapi({ example: 'inbox-scanner' }),
    folder: z.string().optional(),
    prefix: z.string().optional(),
    makes: z.enum(['mosaics', 'tiles']),
    library: z.string(),
    status: z.enum(['looking', 'resting', 'paused', 'stopped']),
    taken: z.int().openapi({ description: 'Mosaics started, or tiles added, so far.' }),
    skipped: z.int(),
    last_skipped: z.object({ name: z.string(), code: z.string(), message: z.string() }).optional(),
    reason: z
      .string()
      .optional()
      .openapi({ description: 'Why its step is being retried, or why it has paused itself.' }),
    temporal: z.string().optional().openapi({ format: 'uri', description: 'In the Temporal Web UI.' }),
  })
  .openapi('Inbox')
export type Inbox = z.infer<typeof inbox>

const inboxRequest = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/, 'Expected 2 to 40 lower-case letters, digits and hyphens'),
    folder: z
      .string()
      .max(1_000)
      .startsWith('/', 'Expected an absolute path')
      .optional()
      .openapi({ description: 'On the workers’ machine, in a folder that `INBOX_FOLDERS` allows.' }),
    prefix: z
      .string()
      .max(500)
      .regex(/^inbox\/([\w.-]+\/)+$/, `Expected ${inboxPrefix}SOMETHING/`)
      .refine((prefix) => !/\/\.{1,2}\//.test(prefix), 'Expected a prefix without . or ..')
      .optional()
      .openapi({ description: 'Of the bucket `in`.', example: 'inbox/scanner/' }),
    makes: z.enum(['mosaics', 'tiles']).default('mosaics'),
    library: libraryName.openapi({
      description: 'The tile library to make mosaics from, or to add tiles to.',
    }),
    cell: z.int().min(8).max(256).default(32),
    distance: z.int().min(0).max(1000).default(5),
    every_seconds: z.int().min(1).max(86_400).default(30),
  })
  .refine(({ folder, prefix }) => (folder === undefined) !== (prefix === undefined), {
    error: 'Expected either a folder or a prefix',
    path: ['folder'],
  })
  .openapi('InboxRequest')

const idParameter = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'inbox-scanner' }),
})
const one = { 'application/json': { schema: inbox } }
const tags = ['Inboxes']

const list = createRoute({
  method: 'get',
  path: '/v1/inboxes',
  tags,
  summary: 'List inboxes',
  description: 'Including stopped ones, as long as Temporal remembers them.',
  responses: {
    200: {
      description: 'By ID',
      content: { 'application/json': { schema: z.object({ data: z.array(inbox) }).openapi('InboxList') } },
    },
    ...problemResponses(401, 503),
  },
})

const start = createRoute({
  method: 'post',
  path: '/v1/inboxes',
  tags,
  summary: 'Watch a folder or a prefix',
  description:
    'Each new picture becomes a mosaic or a tile, once: the same bytes under another name are not a new picture. If the inbox ' +
    'already exists, it is reconfigured.',
  request: { body: { required: true, content: { 'application/json': { schema: inboxRequest } } } },
  responses: {
    202: { description: 'The inbox', content: one },
    ...problemResponses(400, 401, 413, 415, 422, 503),
  },
})

const act = <const Verb extends string>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/inboxes/{id}/${verb}`,
    tags,
    summary,
    request: { params: idParameter },
    responses: { 202: { description: 'The inbox', content: one }, ...problemResponses(401, 404, 409, 503) },
  })

export function inboxRoutes(deps: ApiDependencies) {
  const { client, environment } = deps

  const tell = (description: InboxDescription, c: Context): z.infer<typeof inbox> => {
    const { id, runId, config, state, lastFailure: reason = state.reason } = description
    const { temporal } = linksFor(deps, siteOf(deps, c))
    const { makes } = config
    return {
      id,
      ...config.place,
      ...('tiles' in makes
        ? { makes: 'tiles', library: makes.tiles }
        : { makes: 'mosaics', library: makes.mosaic.library }),
      status: state.doing,
      taken: state.taken,
      skipped: state.skipped,
      ...(state.lastSkipped && { last_skipped: state.lastSkipped }),
      ...(reason !== undefined && { reason }),
      ...(temporal && { temporal: temporal(id, runId) }),
    }
  }

  async function find(id: string): Promise<InboxDescription> {
    const found = await describeInbox(client, id)
    if (found) return found
    throw new Problem('inbox_not_found', `There is no inbox with the ID ${JSON.stringify(id.slice(0, 100))}.`)
  }

  async function running(id: string): Promise<void> {
    if (!(await find(id)).running)
      throw new Problem('already_finished', `The inbox ${id} is stopped. POST /v1/inboxes starts it again.`)
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(list, async (c) => c.json({ data: (await listInboxes(client)).map((one) => tell(one, c)) }, 200))
    .openapi(start, async (c) => {
      const asked = jsonBody(c, c.req.valid('json'))
      const { name, folder, prefix, makes, library, cell, distance } = asked
      if (folder !== undefined && !isAllowed(folder, environment.inboxFolders))
        throw wrongValue('invalid_request', '/folder', 'Expected a folder that INBOX_FOLDERS allows.')
      const id = await startInbox(client, {
        name,
        place: folder === undefined ? { prefix: prefix! } : { folder },
        makes: makes === 'tiles' ? { tiles: library } : { mosaic: { library, cell, distance, quality: 90 } },
        everySeconds: asked.every_seconds,
      })
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('pause', 'Pause an inbox'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await signalStanding(client, id, 'pause')
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('resume', 'Resume a paused inbox'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await signalStanding(client, id, 'resume')
      return c.json(tell(await find(id), c), 202)
    })
    .openapi(act('stop', 'Stop an inbox'), async (c) => {
      const { id } = c.req.valid('param')
      await running(id)
      await stopStanding(client, id)
      return c.json(tell(await find(id), c), 202)
    })
}
