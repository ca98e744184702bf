/** Requests to edit a finished mosaic. */
import { z } from '@hono/zod-openapi'
import { metadata } from './job.ts'
import { webhook } from './job-request.ts'

/** Edits of all kinds together, since they travel with the job. */
const editsAtMost = 100

export const place = {
  x: z.int().min(0).max(1e6).openapi({ description: "The cell's column, from 0." }),
  y: z.int().min(0).max(1e6).openapi({ description: "The cell's row, from 0." }),
}

const tile = z.string().min(1).max(300).openapi({
  description: "A tile's ID, or its source if no other tile has the same one; `plan.json` has both.",
})

const kinds = ['pin', 'ban', 'swap', 'replace'] as const

export const editRequest = z
  .strictObject({
    pin: z
      .array(z.strictObject({ ...place, tile }))
      .default([])
      .openapi({ description: 'Put this tile into this cell.' }),
    ban: z.array(tile).default([]).openapi({ description: 'Use these tiles nowhere.' }),
    swap: z
      .array(z.array(z.strictObject(place)).length(2))
      .default([])
      .openapi({ description: 'Swap the tiles of two cells.' }),
    replace: z
      .array(z.strictObject(place))
      .default([])
      .openapi({ description: 'Use another tile in this cell: the best match that is allowed there.' }),
    webhook,
    metadata: metadata.optional(),
  })
  .refine(
    (edits) => {
      const wanted = kinds.reduce((sum, kind) => sum + edits[kind].length, 0)
      return wanted >= 1 && wanted <= editsAtMost
    },
    { error: `Expected 1 to ${editsAtMost} edits in ${kinds.join(', ')}` },
  )
  .openapi('EditRequest', { example: { ban: ['holidays/exam.jpg'], pin: [], swap: [], replace: [] } })

export type EditRequest = z.infer<typeof editRequest>
