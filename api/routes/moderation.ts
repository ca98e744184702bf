/** Moderation: the review queue, its audit log, and the block lists. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { openAuditLog } from '../../adapters/moderation/audit-log.ts'
import { openBlockList, plain } from '../../adapters/moderation/block-list.ts'
import { openReviewQueue, type ReviewItem } from '../../adapters/moderation/review-queue.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { sendStoredObject } from '../http/stored-object.ts'
import { decide } from '../moderation/decide.ts'
import { Problem, wrongValue } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const moment = z.iso.datetime()

const review = z
  .object({
    id: z.string(),
    kind: z.enum(['tile', 'mosaic']).openapi({
      description: '`tile`: a photo for a tile library. `mosaic`: a mosaic that was requested by a post.',
    }),
    waits_since: moment,
    picture: z.string().openapi({ format: 'uri' }),
    library: z.string().optional(),
    name: z.string().optional(),
    author: z
      .object({ name: z.string().optional(), handle: z.string().optional(), url: z.string().optional() })
      .optional(),
    post_url: z.string().optional(),
    urls: z.object({ approve: z.string(), reject: z.string() }),
  })
  .openapi('Review')
export type Review = z.infer<typeof review>

const auditEntry = z
  .object({
    at: moment,
    by: z.string().openapi({ description: "An API key's fingerprint, or `anonymous`." }),
    action: z.enum(['approve', 'reject', 'block', 'unblock', 'remove-author']),
    subject: z.string(),
    about: z.record(z.string(), z.string()).optional(),
  })
  .openapi('AuditEntry')
export type AuditEntry = z.infer<typeof auditEntry>

const blocked = z.object({ kind: z.enum(['handle', 'word']), value: z.string() }).openapi('Blocked')

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })
const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(24),
  after: z
    .string()
    .regex(/^[\w-]{1,120}$/, "Expected what an earlier page's `next` said")
    .optional(),
})
const pageOf = <T extends z.ZodType>(entry: T, name: string) =>
  z.object({ data: z.array(entry), has_more: z.boolean(), next: z.string().nullable() }).openapi(name)
const id = z.object({
  id: z
    .string()
    .regex(/^(tile|mosaic)-[a-z0-9-]{1,80}$/, 'Expected the ID of a waiting picture')
    .openapi({ param: { name: 'id', in: 'path' } }),
})
const seen = z.object({
  etag: z
    .string()
    .max(200)
    .optional()
    .openapi({
      description:
        'Names the picture that was seen, as in the `urls` of the list. A mosaic that has been planned again since is then a ' +
        '`review_not_found`, and not decided unseen.',
    }),
})
const entry = z.object({
  kind: z.enum(['handle', 'word']).openapi({ param: { name: 'kind', in: 'path' } }),
  value: z
    .string()
    .min(1)
    .max(100)
    .openapi({ param: { name: 'value', in: 'path' }, example: 'someone' }),
})
const tags = ['Moderation']

const list = createRoute({
  method: 'get',
  path: '/v1/moderation',
  tags,
  summary: 'List pictures waiting for a moderator',
  description: 'Photos wait with `MODERATE=tiles`, mosaics made for posts with `MODERATE=mosaics`.',
  request: { query: pageQuery },
  responses: {
    200: { description: 'In the order of their IDs', content: json(pageOf(review, 'ReviewList')) },
    ...problemResponses(401, 422, 503),
  },
})

const picture = createRoute({
  method: 'get',
  path: '/v1/moderation/{id}/picture',
  tags,
  summary: 'Get a waiting picture',
  request: { params: id },
  responses: {
    200: {
      description: 'The picture',
      content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
    },
    ...problemResponses(401, 404, 422, 503),
  },
})

const act = <const Verb extends 'approve' | 'reject'>(verb: Verb, summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/v1/moderation/{id}/${verb}`,
    tags,
    ...{ summary, description },
    request: { params: id, query: seen },
    responses: {
      202: {
        description: 'It is no longer waiting',
        content: json(
          z
            .object({
              id: z.string(),
              decision: z.enum(['approve', 'reject']),
              job: z
                .string()
                .nullable()
                .openapi({ description: 'The job that continues, or ends, because of it.' }),
            })
            .openapi('Decided'),
        ),
      },
      ...problemResponses(401, 404, 422, 503),
    },
  })

const log = createRoute({
  method: 'get',
  path: '/v1/moderation/log',
  tags,
  summary: 'Audit log of decisions',
  request: { query: pageQuery },
  responses: {
    200: { description: 'Newest first', content: json(pageOf(auditEntry, 'AuditLog')) },
    ...problemResponses(401, 422, 503),
  },
})

const getBlocked = createRoute({
  method: 'get',
  path: '/v1/blocked',
  tags,
  summary: 'List blocked handles and words',
  responses: {
    200: { description: 'All', content: json(z.object({ data: z.array(blocked) }).openapi('BlockedList')) },
    ...problemResponses(401, 503),
  },
})

const change = <const Method extends 'put' | 'delete'>(method: Method, summary: string) =>
  createRoute({
    method,
    path: '/v1/blocked/{kind}/{value}',
    tags,
    summary,
    description:
      'Posts by a blocked handle, and posts that contain a blocked word, become neither mosaics nor tiles. This takes effect ' +
      'within seconds in every process, for new posts only.',
    request: { params: entry },
    responses: {
      200: { description: 'The entry', content: json(blocked) },
      ...problemResponses(401, 422, 503),
    },
  })

export function moderationRoutes(deps: ApiDependencies) {
  const { store } = deps
  const queue = openReviewQueue(store)
  const audit = openAuditLog(store)
  const blockList = openBlockList(store)

  /** Writes the audit log before the entry takes effect. */
  const written = async (given: z.infer<typeof entry>, action: 'block' | 'unblock', by: string) => {
    const { kind, value } = checked(given)
    const at = new Date(deps.now?.() ?? Date.now()).toISOString()
    await audit.append({ at, by, action, subject: value, about: { kind } })
    return { kind, value }
  }

  const tell = ({ id, kind, at, picture, library, name, author, postUrl }: ReviewItem, site: string) => {
    const self = `${site}/v1/moderation/${id}`
    const seen = picture.etag === undefined ? '' : `?etag=${encodeURIComponent(picture.etag)}`
    return {
      ...{ id, kind, waits_since: at, picture: `${self}/picture` },
      ...(library !== undefined && { library }),
      ...(name !== undefined && { name }),
      ...(author && { author }),
      ...(postUrl !== undefined && { post_url: postUrl }),
      urls: { approve: `${self}/approve${seen}`, reject: `${self}/reject${seen}` },
    }
  }

  const decided = (c: Context<ApiEnv>, id: string, decision: 'approve' | 'reject', etag?: string) =>
    decide(deps, id, decision, c.get('caller'), etag)

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(list, async (c) => {
      const { items, next = null } = await queue.page(c.req.valid('query'))
      const site = siteOf(deps, c)
      return c.json({ data: items.map((item) => tell(item, site)), has_more: next !== null, next }, 200)
    })
    .openapi(log, async (c) => {
      const { entries, next = null } = await audit.page(c.req.valid('query'))
      return c.json({ data: entries, has_more: next !== null, next }, 200)
    })
    .openapi(picture, async (c) => {
      const item = await queue.get(c.req.valid('param').id)
      const sent =
        item &&
        (await sendStoredObject(c, store, item.picture, { filename: item.id, cacheControl: 'no-store' }))
      if (!sent) throw new Problem('review_not_found', 'This picture is no longer waiting for a moderator.')
      return sent
    })
    .openapi(
      act('approve', 'Approve a picture', 'A photo becomes a tile; a mosaic is published.'),
      async (c) =>
        c.json(await decided(c, c.req.valid('param').id, 'approve', c.req.valid('query').etag), 202),
    )
    .openapi(
      act('reject', 'Reject a picture', 'A photo never becomes a tile; a mosaic’s job ends as `rejected`.'),
      async (c) =>
        c.json(await decided(c, c.req.valid('param').id, 'reject', c.req.valid('query').etag), 202),
    )
    .openapi(getBlocked, async (c) => c.json({ data: await blockList.all() }, 200))
    .openapi(change('put', 'Block a handle or a word'), async (c) => {
      const asked = await written(c.req.valid('param'), 'block', c.get('caller'))
      await blockList.add(asked)
      return c.json(asked, 200)
    })
    .openapi(change('delete', 'Unblock a handle or a word'), async (c) => {
      const asked = await written(c.req.valid('param'), 'unblock', c.get('caller'))
      await blockList.remove(asked)
      return c.json(asked, 200)
    })
}

/** Words are matched one by one, so an entry with a space would never match. */
function checked({ kind, value }: z.infer<typeof entry>): z.infer<typeof blocked> {
  const name = plain(kind, value)
  const shape = kind === 'handle' ? /^[\p{L}\p{N}_.@-]{1,100}$/u : /^[\p{L}\p{N}\p{M}_]{1,60}$/u
  if (shape.test(name)) return { kind, value: name }
  throw wrongValue(
    'invalid_request',
    '/value',
    kind === 'handle'
      ? 'Expected a handle, such as someone or @someone@example.social.'
      : 'Expected one word.',
  )
}
