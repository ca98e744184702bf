/** Pictures of tiles: one from its photo, or many as the library stores them. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { tilePicture, tileSheetPicture } from '../../engine/index.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { libraryParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { sheetColumns, sheetTilesAtMost, tileSheetRequest } from '../schemas/tiles.ts'
import { createTilePictures } from '../tiles/tile-picture.ts'
import { rejectInvalid } from '../validation.ts'

const jpeg = { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } as const

const getPicture = createRoute({
  method: 'get',
  path: '/v1/tiles/{library}/{tile}/picture',
  tags: ['Tile libraries'],
  summary: 'Fetch the picture of a tile',
  description:
    'A small JPEG of the whole photo, upright; for a tile that was drawn, the tile as it is used in mosaics.',
  request: {
    params: libraryParameter.extend({
      tile: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'Expected the ID of a tile: 64 hexadecimal digits')
        .openapi({ param: { name: 'tile', in: 'path' } }),
    }),
  },
  responses: {
    200: { description: 'The picture', content: jpeg },
    ...problemResponses(401, 404, 422, 503),
  },
})

const postSheet = createRoute({
  method: 'post',
  path: '/v1/tiles/{library}/sheet',
  tags: ['Tile libraries'],
  summary: 'Fetch the pictures of many tiles at once',
  description:
    `One JPEG of at most ${sheetTilesAtMost} squares of 64 px, ${sheetColumns} in a row, in the requested order. Tiles that are not ` +
    'in the library leave grey squares.',
  request: {
    params: libraryParameter,
    body: { required: true, content: { 'application/json': { schema: tileSheetRequest } } },
  },
  responses: {
    200: { description: 'The sheet', content: jpeg },
    ...problemResponses(400, 401, 404, 413, 422, 503),
  },
})

export function tilePictureRoutes(deps: ApiDependencies) {
  const { tilePhoto, readTiles } = deps
  const photoOf = createTilePictures(deps.store)

  async function pictureOf(library: string, tile: string): Promise<Uint8Array | undefined> {
    const photo = tilePhoto && (await photoOf(tilePhoto(library, tile)))
    if (photo) return photo
    const pixels = (await readTiles?.(library, [tile]))?.get(tile)
    return pixels && (await tilePicture(pixels))
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(getPicture, async (c) => {
      const { library, tile } = c.req.valid('param')
      const bytes = await pictureOf(library, tile)
      if (!bytes) throw new Problem('file_not_found', `The library ${library} has no tile ${tile}.`)
      // Named after its content: it never changes, but may be removed.
      return c.body(new Uint8Array(bytes), 200, {
        'Content-Type': 'image/jpeg',
        // A response that required a key must not be in shared caches, which `public` would allow (RFC 9111, section 3.5).
        'Cache-Control': `${c.req.header('Authorization') === undefined ? 'public' : 'private'}, max-age=3600`,
      })
    })
    .openapi(postSheet, async (c) => {
      const { library } = c.req.valid('param')
      const { tiles } = c.req.valid('json')
      if (!readTiles) throw new Problem('not_found', 'This service cannot make tile sheets.')
      const pixels = await readTiles(library, tiles)
      const sheet = await tileSheetPicture(
        tiles.map((id) => pixels.get(id)),
        sheetColumns,
      )
      return c.body(new Uint8Array(sheet), 200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-store' })
    })
}
