/** Requests for prints of a wall. */
import { z } from '@hono/zod-openapi'
import { papers } from '../../engine/index.ts'

const tile = z.string().regex(/^[0-9a-f]{64}$/, 'Expected the ID of a tile: 64 hexadecimal digits')
const side = z.number().min(50).max(3000).optional()

/** The `job` part of the form; the picture that the photos form is another part. */
export const printRequest = z
  .strictObject({
    columns: z.int().min(1).max(1_000),
    cells: z
      .array(tile.nullable())
      .min(1)
      .max(10_000)
      .openapi({ description: 'The tile of each cell, row by row; `null` for an empty cell.' }),
    format: z.enum(['pdf', 'tiff']).default('pdf'),
    paper: z
      .enum(Object.keys(papers) as [keyof typeof papers])
      .default('A3')
      .openapi({
        description:
          'ISO 216, in the orientation of the wall. Alternatively, give `width_mm` and `height_mm`.',
      }),
    width_mm: side,
    height_mm: side,
    dpi: z.int().min(36).max(1_200).default(200).openapi({ description: 'Pixels per inch.' }),
    overlay: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .openapi({ description: 'How much of the picture is blended over each photo.' }),
  })
  .refine(({ columns, cells }) => cells.length % columns === 0, {
    error: 'Expected whole rows of `columns` cells',
    path: ['cells'],
  })
  .refine(({ width_mm, height_mm }) => (width_mm === undefined) === (height_mm === undefined), {
    error: 'Expected both width_mm and height_mm, or neither',
    path: ['height_mm'],
  })
  .openapi('PrintRequest')

export type PrintRequest = z.infer<typeof printRequest>
