/** The gallery: finished mosaics, newest first, from the cache. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { createGalleryWatch } from '../gallery/watch-gallery.ts'
import { problemResponses } from '../schemas/problem.ts'
import { siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const entry = z
  .object({
    id: z.string(),
    url_small: z.string(),
    url_large: z.string(),
    username: z.string().openapi({
      description: 'Handle of the person it was made for, without `@`; empty if none was given.',
    }),
    date: z.string(),
    author: z.string().optional(),
    post_url: z.string().optional(),
    width: z.int().optional(),
    height: z.int().optional(),
    url_preview: z.string().optional().openapi({ description: 'At most 512 px a side.' }),
    thumbhash: z.string().optional().openapi({
      description: 'ThumbHash: the picture in about 25 bytes, base64, to show until it has loaded.',
    }),
  })
  .openapi('GalleryEntry')

const getGallery = createRoute({
  method: 'get',
  path: '/v1/gallery',
  tags: ['Gallery'],
  summary: 'List finished mosaics',
  request: {
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(24),
      after: z.string().max(1024).optional().openapi({ description: 'The `next` of an earlier page.' }),
      by: z.string().max(200).optional().openapi({
        description:
          'Only mosaics of one person: handle or name, with or without `@`, in upper or lower case.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'Newest first',
      content: {
        'application/json': {
          schema: z
            .object({
              data: z.array(entry),
              total: z.int(),
              has_more: z.boolean(),
              next: z.string().nullable(),
            })
            .openapi('Gallery'),
        },
      },
    },
    ...problemResponses(422, 503),
  },
})

const getGalleryEvents = createRoute({
  method: 'get',
  path: '/v1/gallery/events',
  tags: ['Gallery'],
  summary: 'Watch the gallery',
  description:
    'Server-Sent Events: `change` with `{added, removed}`, lists of job IDs, whenever one of the ' +
    'newest 50 mosaics appears or disappears. After a reconnection, fetch the gallery: missed changes are not repeated.',
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...problemResponses(503),
  },
})

/** Below the 30 s after which some proxies close idle connections. */
const keepAliveMs = 15_000

export function galleryRoutes(deps: ApiDependencies) {
  const { cache, rebuildGallery } = deps
  let rebuilding: Promise<unknown> | undefined

  /** Fills an empty cache on first use; concurrent requests wait for the same rebuild. */
  async function warm(): Promise<void> {
    if (!rebuildGallery || (await cache.isWarm())) return
    rebuilding ??= rebuildGallery().finally(() => {
      rebuilding = undefined
    })
    await rebuilding
  }

  const watch = createGalleryWatch(cache)

  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getGallery, async (c) => {
    const { limit, after, by } = c.req.valid('query')
    await warm()
    const { entries, total, next } = await cache.page({
      limit,
      ...(after !== undefined && { after }),
      ...(by !== undefined && { by }),
    })
    const site = siteOf(deps, c)
    const data = entries.map((one) => ({
      ...one,
      // Stored as a relative URL if no site is configured.
      url_small: new URL(one.url_small, site).href,
      url_large: new URL(one.url_large, site).href,
      ...(one.url_preview && { url_preview: new URL(one.url_preview, site).href }),
    }))
    return c.json({ data, total, has_more: next !== undefined, next: next ?? null }, 200)
  })

  return app.openapi(getGalleryEvents, async (c) => {
    await warm()
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      // Sent at once, because proxies forward the headers with the first byte of the body.
      await stream.write(': watching\n\n')
      const keepAlive = setInterval(() => void stream.write(': still here\n\n'), keepAliveMs)
      try {
        for await (const change of watch(left.signal))
          await stream.writeSSE({ event: 'change', data: JSON.stringify(change) })
      } catch (error) {
        // The stream ends, and the EventSource reconnects.
        deps.logger.warn({ err: error }, 'watching the gallery ended early')
      } finally {
        clearInterval(keepAlive)
      }
    })
  })
}
