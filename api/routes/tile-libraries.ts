/** The tiles of a library, and a stream of changes while it grows. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { libraryParameter } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { type LibraryTile, libraryTiles } from '../schemas/tiles.ts'
import { createLibraryWatch } from '../tiles/watch-library.ts'
import { rejectInvalid } from '../validation.ts'

const getTiles = createRoute({
  method: 'get',
  path: '/v1/tiles/{library}',
  tags: ['Tile libraries'],
  summary: 'List the tiles of a library',
  description: 'In the order in which they were added. Empty for a library without photos.',
  request: { params: libraryParameter },
  responses: {
    200: { description: 'The tiles', content: { 'application/json': { schema: libraryTiles } } },
    ...problemResponses(401, 422, 503),
  },
})

const getEvents = createRoute({
  method: 'get',
  path: '/v1/tiles/{library}/events',
  tags: ['Tile libraries'],
  summary: 'Watch a library grow',
  description:
    'Server-Sent Events: `change` with `{added, removed}`, tiles and IDs. After a reconnection, fetch the list: missed ' +
    'changes are not repeated.',
  request: { params: libraryParameter },
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...problemResponses(401, 422, 503),
  },
})

/** Below the 30 s after which some proxies close idle connections. */
const keepAliveMs = 15_000
/** Reconnection delay for walls, ms: browsers wait 3 s or more by default. */
const retryMs = 1_000

export function tileLibraryRoutes(deps: ApiDependencies) {
  const listTiles = async (library: string): Promise<LibraryTile[]> =>
    ((await deps.listTiles?.(library)) ?? []).map(({ addedAt, source, ...tile }) => ({
      ...tile,
      source: publicName(source),
      added_at: addedAt,
    }))
  const watch = createLibraryWatch(listTiles)

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
    .openapi(getTiles, async (c) => c.json({ data: await listTiles(c.req.valid('param').library) }, 200))
    .openapi(getEvents, async (c) => {
      const { library } = c.req.valid('param')
      c.header('X-Accel-Buffering', 'no')
      return streamSSE(c, async (stream) => {
        const left = new AbortController()
        stream.onAbort(() => left.abort())
        await stream.write(`retry: ${retryMs}\n\n`)
        const keepAlive = setInterval(() => void stream.write(': still here\n\n'), keepAliveMs)
        try {
          for await (const change of watch(library, left.signal))
            await stream.writeSSE({ event: 'change', data: JSON.stringify(change) })
        } catch (error) {
          // The stream ends, and the EventSource reconnects.
          deps.logger.warn({ err: error, library }, 'watching a tile library ended early')
        } finally {
          clearInterval(keepAlive)
        }
      })
    })
}

/** Only a file's name: its folder on somebody's machine is private. */
const publicName = (source: string) =>
  /^https?:\/\//.test(source) ? source : (source.split(/[/\\]/).findLast((part) => part !== '') ?? source)
