/** Previews: what a mosaic will look like, before anybody asks for it. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { bytesOf, fileParts, isForm, jsonPart, onlyParts, readForm } from '../input/form.ts'
import { refuseUnknownLibrary } from '../input/job-request.ts'
import { inspectedPicture } from '../input/stored-upload.ts'
import { createPreviews } from '../previews/make-preview.ts'
import { Problem } from '../problems.ts'
import { previewRequest } from '../schemas/job-request.ts'
import { alsoForm } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { parse, rejectInvalid } from '../validation.ts'

const postPreview = createRoute({
  method: 'post',
  path: '/v1/previews',
  tags: ['Jobs'],
  summary: 'See what a mosaic will look like',
  description:
    'Not a job: nothing is stored, and the answer is a small WebP within about a second. `image` should be the photo, shrunken ' +
    'to some 500 pixels, with its own `width` and `height` in `job`. Larger mosaics are shown with fewer cells: the headers ' +
    '`Mosaic-Columns` and `Mosaic-Rows` say with how many. Hanging up ends the work.',
  request: {
    body: {
      required: true,
      content: alsoForm({
        type: 'object',
        required: ['image', 'job'],
        properties: {
          image: { type: 'string', format: 'binary' },
          mask: { type: 'string', format: 'binary', description: 'Where there are cells, as in a job.' },
          job: { $ref: '#/components/schemas/PreviewRequest' },
        },
      }),
    },
  },
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
    bodyLimit({
      maxSize: bytesAtMost,
      onError: () => {
        throw new Problem(
          'image_too_large',
          `Expected a shrunken photo: a form of at most ${bytesAtMost} bytes.`,
        )
      },
    }),
  )

  return app.openapi(postPreview, async (c) => {
    if (!isForm(c))
      throw new Problem(
        'unsupported_media_type',
        'Expected a form with the parts image and job (curl -F image=@photo.jpg -F job={}).',
      )
    const form = await readForm(c)
    onlyParts(form, ['image', 'mask', 'job'])
    const request = await parse(previewRequest, await jsonPart(form, 'job', {}), '/job')
    await refuseUnknownLibrary(deps, request.library, '/job/library')
    const [image] = fileParts(form, 'image')
    const picture = await bytesOf(image!)
    const size = await inspectedPicture(deps, picture, '/image')
    const mask = form.has('mask') ? await bytesOf(fileParts(form, 'mask')[0]!) : undefined
    if (mask) await inspectedPicture(deps, mask, '/mask')
    const { signal } = c.req.raw
    const { bytes, columns, rows } = await makePreview({ picture, size, request, mask, signal }).catch(
      (error) => {
        // To nobody: who asked has hung up, and nothing broke here.
        throw signal.aborted
          ? new Problem('bad_request', 'The preview was given up.', { cause: error })
          : error
      },
    )
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'image/webp',
      'Cache-Control': 'no-store',
      'Mosaic-Columns': String(columns),
      'Mosaic-Rows': String(rows),
    })
  })
}
