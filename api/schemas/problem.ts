import { z } from '@hono/zod-openapi'

/** RFC 9457, with `code` for programs and `errors` for forms. */
export const problem = z
  .object({
    type: z.string().openapi({ format: 'uri-reference', example: '/docs/problems#not_an_image' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'A sentence for a person.' }),
    code: z.string().openapi({ example: 'not_an_image' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().openapi({ description: 'RFC 6901, into the body.', example: '/input/base64' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .openapi('Problem')

/** For a route's `responses`: problems that it may answer with. */
export function problemResponses<const S extends number>(...statuses: S[]) {
  const response = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: problem } },
  }
  return Object.fromEntries(statuses.map((status) => [status, response])) as Record<S, typeof response>
}
