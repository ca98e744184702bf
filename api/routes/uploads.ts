/** Uploads: pictures sent ahead of the jobs that use them. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { isForm } from '../input/form.ts'
import { limitedBody } from '../input/limited-body.ts'
import { storeUpload } from '../input/stored-upload.ts'
import { Problem } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { rejectInvalid } from '../validation.ts'

const upload = z
  .object({
    upload: z.string().openapi({ description: "For a job's `input.upload`: the SHA-256 of the bytes, hex." }),
    format: z.string(),
    width: z.int().openapi({ description: 'Pixels, as shown: after the EXIF orientation is applied.' }),
    height: z.int(),
    bytes: z.int(),
  })
  .openapi('Upload')

const postUpload = createRoute({
  method: 'post',
  path: '/v1/uploads',
  tags: ['Uploads'],
  summary: 'Upload a picture',
  description:
    'The body is the file, as sent by `curl --data-binary @photo.jpg`. The same file uploaded twice is one upload.',
  request: {
    body: { content: { 'image/*': { schema: { type: 'string', format: 'binary' } } } },
  },
  responses: {
    201: { description: 'The upload', content: { 'application/json': { schema: upload } } },
    ...problemResponses(401, 413, 415, 422, 503),
  },
})

export function uploadRoutes(deps: ApiDependencies) {
  const { pictureBytes } = deps.environment.limits
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.post('/v1/uploads', limitedBody(pictureBytes, { code: 'image_too_large', what: 'a picture' }))

  return app.openapi(postUpload, async (c) => {
    if (isForm(c))
      throw new Problem(
        'unsupported_media_type',
        'Expected the bytes of a picture as the body (curl --data-binary @photo.jpg), received a form.',
      )
    // Read into memory, up to the limit, because only pictures may enter the store.
    const bytes = new Uint8Array(await c.req.arrayBuffer())
    const { sha256, picture } = await storeUpload(onBehalfOf(deps, c), bytes, '')
    const { format, width, height } = picture
    return c.json({ upload: sha256, format, width, height, bytes: bytes.length }, 201)
  })
}
