/** The gallery: finished mosaics, newest first, from the cache. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { problemResponses } from '../schemas/problem.ts'
import { siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const entry = z
  .object({
    id: z.string(),
    url_small: z.string(),
    url_large: z.string(),
    username: z
      .string()
      .openapi({ description: 'Handle of who asked, without `@`; empty when nobody is named.' }),
    date: z.string(),
    author: z.string().optional(),
    post_url: z.string().optional(),
    width: z.int().optional(),
    height: z.int().optional(),
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
      after: z.string().max(1024).optional().openapi({ description: "An earlier page's `next`." }),
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

export function galleryRoutes(deps: ApiDependencies) {
  const { cache, rebuildGallery } = deps
  let rebuilding: Promise<unknown> | undefined

  /** A flushed cache fills itself at the first look; all who look meanwhile wait for the same filling. */
  async function warm(): Promise<void> {
    if (!rebuildGallery || (await cache.isWarm())) return
    rebuilding ??= rebuildGallery().finally(() => {
      rebuilding = undefined
    })
    await rebuilding
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getGallery, async (c) => {
    const { limit, after } = c.req.valid('query')
    await warm()
    const { entries, total, next } = await cache.page({ limit, ...(after !== undefined && { after }) })
    const site = siteOf(deps, c)
    const data = entries.map((one) => ({
      ...one,
      // Stored without a site when none is configured.
      url_small: new URL(one.url_small, site).href,
      url_large: new URL(one.url_large, site).href,
    }))
    return c.json({ data, total, has_more: next !== undefined, next: next ?? null }, 200)
  })
}
