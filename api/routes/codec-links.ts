/** Signed URLs of the codec server for the Temporal Web UI, which uses what was entered there and cannot send an API key. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { signCodecLink } from '../access/signed-link.ts'
import { anonymous } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { jsonBody } from '../input/form.ts'
import { Problem } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

/** Seconds. */
const aDay = 24 * 3600

const codecLink = z
  .object({
    endpoint: z
      .string()
      .openapi({ format: 'uri', description: 'For the codec server of the Temporal Web UI.' }),
    expires_at: z.iso.datetime(),
  })
  .openapi('CodecLink')

const postLink = createRoute({
  method: 'post',
  path: '/codec/links',
  tags: ['Operation'],
  summary: 'Sign an address of the codec server',
  description:
    'For the Temporal Web UI, which cannot send an API key: whoever has the address can have payloads decrypted until it ' +
    'expires. It stops working earlier if its API key is removed or loses the scope `operate`.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              expires_in: z
                .int()
                .min(1)
                .max(aDay)
                .default(3600)
                .openapi({ description: 'Seconds, a day at most.' }),
            })
            .openapi('CodecLinkRequest'),
        },
      },
    },
  },
  responses: {
    201: { description: 'The address', content: { 'application/json': { schema: codecLink } } },
    ...problemResponses(400, 401, 403, 409, 413, 415, 422),
  },
})

export function codecLinkRoutes(deps: ApiDependencies) {
  const { environment, now = Date.now } = deps
  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(postLink, (c) => {
    const { expires_in } = jsonBody(c, c.req.valid('json'))
    if (environment.linkKey === undefined)
      throw new Problem('links_off', 'Signed links are not enabled: LINK_KEY is not set.')
    const expires = Math.floor(now() / 1000) + expires_in
    const path = signCodecLink(environment.linkKey, c.get('tenant').name ?? anonymous, expires)
    const expires_at = new Date(expires * 1000).toISOString()
    return c.json({ endpoint: `${siteOf(deps, c)}${path}`, expires_at }, 201)
  })
}
