/** Parameters and headers shared by several routes. */
import { z } from '@hono/zod-openapi'
import { libraryName } from './job-request.ts'

export const jobIdParameter = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    example: 'mosaic-01kahm5v5c3k9z8v1m6n4q2r7t',
  }),
})

export const libraryParameter = z.object({
  library: libraryName.openapi({ param: { name: 'library', in: 'path' } }),
})

const prefer = z.string().optional().openapi({
  description: '`wait=N`: wait up to N seconds, 60 at most, for the job to finish (RFC 7240).',
  example: 'wait=10',
})

export const waitHeader = z.object({
  prefer,
  'if-none-match': z.string().optional(),
})

export const startHeaders = z.object({
  prefer,
  'idempotency-key': z.string().optional().openapi({
    description:
      'Repeating a request with its key within 24 hours gives the same job instead of another one.',
  }),
})

/**
 * Documents a form as an alternative body. The handler reads it itself, so that it is never in memory twice; the typed client,
 * which sends JSON, does not see it.
 */
export const alsoForm = (schema: object) => ({ 'multipart/form-data': { schema } }) as Record<never, never>
