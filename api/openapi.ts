/** The contract as an OpenAPI 3.1 document, generated from the schemas that the routes validate with. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from './dependencies.ts'
import { formJobRequest } from './schemas/job-request.ts'

export type ApiDocument = ReturnType<typeof describeApi>

export function describeApi(app: OpenAPIHono<ApiEnv>) {
  app.openAPIRegistry.register('FormJobRequest', formJobRequest)
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'mosaicme',
      version: '1',
      description:
        'Photomosaics and resized pictures as durable jobs. Start one, look at it or watch it, fetch its result. ' +
        'Errors are problem details (RFC 9457) with a `code` for programs.',
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
    },
    // An API key, or none where none are configured.
    security: [{ apiKey: [] }, {}],
    tags: [
      { name: 'Jobs' },
      { name: 'Uploads' },
      { name: 'Tile libraries' },
      { name: 'Inboxes' },
      { name: 'Social networks' },
      { name: 'Moderation' },
      { name: 'Gallery' },
      { name: 'Operation' },
    ],
  })
}
