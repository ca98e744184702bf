/** Requests for bulk jobs. */
import { z } from '@hono/zod-openapi'
import { metadata } from './job.ts'
import { webhook } from './job-request.ts'
import { isSized, noSide, resizeOptions } from './resize-request.ts'

/** Pictures in a list; a prefix may have more. */
export const listedAtMost = 100_000

const kinds = ['urls', 'uploads', 'prefix'] as const

const bulkInput = z
  .strictObject({
    urls: z.array(z.string().min(1).max(2048)).min(1).max(listedAtMost).optional(),
    uploads: z
      .array(
        z.strictObject({
          upload: z
            .string()
            .regex(
              /^[0-9a-f]{64}$/,
              'Expected the hash that POST /v1/uploads returned: 64 hexadecimal digits',
            ),
          name: z.string().min(1).max(255).optional(),
        }),
      )
      .min(1)
      .max(listedAtMost)
      .optional(),
    prefix: z
      .strictObject({
        bucket: z.enum(['in', 'raw']),
        prefix: z.string().max(1024).openapi({
          description: 'In the bucket `in`, which also holds other requests, it must begin with `bulk/`.',
        }),
      })
      .refine(({ bucket, prefix }) => bucket !== 'in' || prefix.startsWith('bulk/'), {
        error: 'Expected a prefix that begins with bulk/ in this bucket',
        path: ['prefix'],
      })
      .optional()
      .openapi({ description: 'Every object whose key begins with this, at most a million.' }),
  })
  .refine((input) => kinds.filter((kind) => input[kind] !== undefined).length === 1, {
    error: `Expected exactly one of ${kinds.join(', ')}`,
  })
  .openapi('BulkInput')

const asked = z.strictObject({ ...resizeOptions, metadata: metadata.optional(), webhook })
/** The options that apply to pictures. */
export const onlyOptions = ({ metadata: _, webhook: __, ...options }: z.infer<typeof asked>) => options

const sized = (request: z.infer<typeof asked>) => isSized({ type: 'resize', ...onlyOptions(request) })

export const bulkRequest = asked.extend({ input: bulkInput }).refine(sized, noSide).openapi('BulkRequest')

/** The `job` part of a form; the pictures are other parts. */
export const formBulkRequest = asked.refine(sized, noSide).openapi('FormBulkRequest')

export type BulkRequest = z.infer<typeof bulkRequest>
export type FormBulkRequest = z.infer<typeof asked>
