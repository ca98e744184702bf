/** Previews: what a mosaic will look like, before a job is started. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { refuseUnknownLibrary } from '../input/job-request.ts'
import { limitedBody } from '../input/limited-body.ts'
import { pictureForm, readPictureForm } from '../input/picture-form.ts'
import { createPreviews } from '../previews/make-preview.ts'
import { Problem } from '../problems.ts'
import { previewRequest } from '../schemas/job-request.ts'
import { problemResponses } from '../schemas/problem.ts'
import { rejectInvalid } from '../validation.ts'

const postPreview = createRoute({
  method: 'post',
  path: '/v1/previews',
  tags: ['Jobs'],
  summary: 'Preview a mosaic',
  description:
    'Not a job: nothing is stored, and the answer is a small WebP within about a second. `image` should be the photo, reduced ' +
    'to about 500 pixels, with its original `width` and `height` in `job`. Large mosaics are shown with fewer cells; the headers ' +
    '`Mosaic-Columns` and `Mosaic-Rows` give their number. Disconnecting stops the work.',
  request: { body: pictureForm('PreviewRequest', { mask: 'Where cells go, as in a job.' }) },
  responses: {
    200: {
      description: 'The preview',
      content: { 'image/webp': { schema: { type: 'string', format: 'binary' } } },
    },
    ...problemResponses(400, 401, 404, 413, 415, 422, 429, 503),
  },
})

/** A megabyte of JPEG is four megapixels, and a preview needs a quarter of one. */
const bytesAtMost = 2 ** 20

export function previewRoutes(deps: ApiDependencies) {
  const makePreview = createPreviews(deps)
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.openAPIRegistry.register('PreviewRequest', previewRequest)
  app.post(
    '/v1/previews',
    limitedBody(bytesAtMost, { code: 'image_too_large', what: 'a reduced photo: a form' }),
  )

  return app.openapi(postPreview, async (c) => {
    const form = await readPictureForm(deps, c, previewRequest, { absent: {}, beside: ['mask'] })
    const { request, picture, info: size } = form
    await refuseUnknownLibrary(onBehalfOf(deps, c), request.library, '/job/library')
    const { signal } = c.req.raw
    const { bytes, columns, rows } = await makePreview({
      picture,
      size,
      request,
      mask: form.beside.mask,
      signal,
    }).catch((error) => {
      // Nobody gets this response: the client has disconnected, which is not a server error.
      throw signal.aborted
        ? new Problem('bad_request', 'The client has disconnected.', { cause: error })
        : error
    })
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'image/webp',
      'Cache-Control': 'no-store',
      'Mosaic-Columns': String(columns),
      'Mosaic-Rows': String(rows),
    })
  })
}
