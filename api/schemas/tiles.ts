/** Tile libraries: requests to add photos, and the form of a library. */
import { z } from '@hono/zod-openapi'
import { metadata } from './job.ts'
import { author, libraryName, pictureInput, webhook } from './job-request.ts'

/** Photos per job. Jobs start quickly, so callers can start several. */
export const photosAtMost = 1000

export const tilesRequest = z
  .strictObject({
    library: libraryName,
    sources: z
      .array(pictureInput)
      .min(1)
      .max(photosAtMost)
      .openapi({ description: 'Photos by URL, by upload, or small ones as base64.' }),
    webhook,
    metadata: metadata.optional(),
  })
  .openapi('TilesRequest')

/** The `job` part of a form; the photos are other parts. */
export const formTilesRequest = z
  .strictObject({
    library: libraryName,
    author: author.optional().openapi({ description: 'The author of these photos, shown with their tiles.' }),
    webhook,
    metadata: metadata.optional(),
  })
  .openapi('FormTilesRequest')

export type FormTilesRequest = z.infer<typeof formTilesRequest>
export type TilesRequest = z.infer<typeof tilesRequest>

const libraryTile = z
  .object({
    id: z.string().openapi({ description: "SHA-256 of the photo's bytes, hex." }),
    source: z.string().openapi({ description: 'File name or URL.' }),
    author: z
      .object({ name: z.string().optional(), handle: z.string().optional(), url: z.string().optional() })
      .optional(),
    added_at: z.iso.datetime(),
    colour: z
      .array(z.number())
      .length(3)
      .openapi({ description: 'Mean colour in OKLab: L from 0 to 1, a, b.' }),
  })
  .openapi('LibraryTile')

export type LibraryTile = z.infer<typeof libraryTile>

export const libraryTiles = z.object({ data: z.array(libraryTile) }).openapi('LibraryTiles')

/** Tiles per sheet: 20 by 20 make a picture of 1,280 px. */
export const sheetTilesAtMost = 400
export const sheetColumns = 20

export const tileSheetRequest = z
  .strictObject({
    tiles: z
      .array(z.string().regex(/^[0-9a-f]{64}$/, 'Expected the ID of a tile: 64 hexadecimal digits'))
      .min(1)
      .max(sheetTilesAtMost),
  })
  .openapi('TileSheetRequest')

export const libraryList = z
  .object({
    data: z.array(
      z.object({ name: z.string(), tiles: z.int().openapi({ description: 'Number of tiles.' }) }),
    ),
  })
  .openapi('LibraryList')
