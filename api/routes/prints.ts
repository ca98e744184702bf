/** Prints of walls: a file for a printer, streamed while it is made. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { layOutPrint, PictureError, papers, printWall, type WallPhoto } from '../../engine/index.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { limitedBody } from '../input/limited-body.ts'
import { pictureForm, readPictureForm } from '../input/picture-form.ts'
import { Problem, wrongValue } from '../problems.ts'
import { libraryParameter } from '../schemas/parameters.ts'
import { type PrintRequest, printRequest } from '../schemas/print-request.ts'
import { problemResponses } from '../schemas/problem.ts'
import { rejectInvalid } from '../validation.ts'

const postPrint = createRoute({
  method: 'post',
  path: '/v1/tiles/{library}/print',
  tags: ['Tile libraries'],
  summary: 'Print a wall',
  description:
    'A PDF or a TIFF of photos in rows, made from the original photos, at a paper size. The caller says which photo is where, ' +
    'because the screen decides that; `image` is the picture that they form. The file is streamed while it is made; ' +
    'disconnecting stops it.',
  request: {
    params: libraryParameter,
    body: pictureForm('PrintRequest'),
  },
  responses: {
    200: {
      description: 'The file',
      content: {
        'application/pdf': { schema: { type: 'string', format: 'binary' } },
        'image/tiff': { schema: { type: 'string', format: 'binary' } },
      },
    },
    ...problemResponses(400, 401, 413, 415, 422, 429, 503),
  },
})

/** Naming 10,000 tiles takes 700 KB; the picture is small. */
const bytesAtMost = 8 * 2 ** 20
/** Concurrent prints in this process: each keeps a core busy for a minute or more. */
const printsAtMost = 2

const contentTypes = { pdf: 'application/pdf', tiff: 'image/tiff' }

export function printRoutes(deps: ApiDependencies) {
  let printing = 0
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.openAPIRegistry.register('PrintRequest', printRequest)
  app.post('/v1/tiles/:library/print', limitedBody(bytesAtMost, { what: 'a form' }))

  return app.openapi(postPrint, async (c) => {
    const { request, picture: target } = await readPictureForm(deps, c, printRequest)
    const sheet = sheetOf(request)
    if (printing >= printsAtMost)
      throw new Problem('overloaded', 'Other prints are being made. Try again in a minute.', {
        headers: { 'Retry-After': '30' },
      })
    const { library } = c.req.valid('param')
    const { columns, cells, dpi, format, overlay } = request
    const { signal } = c.req.raw
    const { pictureBytes: bytes, pixels, frames } = deps.environment.limits
    const file = printWall({
      ...{ sheet, columns, rows: cells.length / columns, dpi, format, target, overlay, signal },
      limits: { bytes, pixels, frames },
      photoOf: async (cell) => {
        const tile = cells[cell]
        return tile ? await photoOf(library, tile) : undefined
      },
    })

    async function* counted() {
      printing++
      try {
        yield* file
      } catch (error) {
        // The headers are sent already: the file breaks off, and the browser reports it.
        if (!signal.aborted) deps.logger.warn({ err: error, library }, 'a print ended early')
        throw error
      } finally {
        printing--
      }
    }
    return c.body(Readable.toWeb(Readable.from(counted())) as ReadableStream, 200, {
      'Content-Type': contentTypes[format],
      'Content-Disposition': `attachment; filename="${library}.${format}"`,
      'Cache-Control': 'no-store',
    })
  })

  async function photoOf(library: string, tile: string): Promise<WallPhoto | undefined> {
    const place = deps.tilePhoto?.(library, tile)
    if (place)
      try {
        return { photo: await buffer((await deps.store.get(place.bucket, place.key)).body) }
      } catch (error) {
        if (!(error instanceof ObjectNotFound)) throw error
      }
    const pixels = (await deps.readTiles?.(library, [tile]))?.get(tile)
    return pixels && { pixels }
  }
}

function sheetOf({ columns, cells, paper, width_mm, height_mm, dpi }: PrintRequest) {
  const page =
    width_mm !== undefined && height_mm !== undefined ? { width: width_mm, height: height_mm } : papers[paper]
  try {
    return layOutPrint({ columns, rows: cells.length / columns }, page, dpi)
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    const code = error.code === 'output_too_large' ? error.code : 'invalid_request'
    throw wrongValue(code, '/job/dpi', error.message)
  }
}
