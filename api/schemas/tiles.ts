/** Tile libraries: what photos are added with, what a library looks like. */
import { z } from '@hono/zod-openapi'
import { metadata } from './job.ts'
import { author, libraryName, pictureInput, webhook } from './job-request.ts'

/** At most this many photos in one job; a job is quick to start, so start several. */
export const photosAtMost = 1000

export const tilesRequest = z
  .strictObject({
    library: libraryName,
    sources: z
      .array(pictureInput)
      .min(1)
      .max(photosAtMost)
      .openapi({ description: 'Photos by address, by upload, or small ones as base64.' }),
    webhook,
    metadata: metadata.optional(),
  })
  .openapi('TilesRequest')

/** The `job` part of a form: the photos are the parts beside it. */
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
    source: z.string().openapi({ description: 'File name or address.' }),
    author: z
      .object({ name: z.string().optional(), handle: z.string().optional(), url: z.string().optional() })
      .optional(),
    added_at: z.iso.datetime(),
    colour: z.array(z.number()).length(3).openapi({ description: 'Its mean in OKLab: L of 0 to 1, a, b.' }),
  })
  .openapi('LibraryTile')

export type LibraryTile = z.infer<typeof libraryTile>

export const libraryTiles = z.object({ data: z.array(libraryTile) }).openapi('LibraryTiles')

/** Tiles of one sheet: 20 by 20 are a picture of 1,280 px. */
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
      z.object({ name: z.string(), tiles: z.int().openapi({ description: 'How many photos it holds.' }) }),
    ),
  })
  .openapi('LibraryList')
