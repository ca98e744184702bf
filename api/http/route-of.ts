import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of the route, never the path: IDs as labels would grow without bound. Middleware matches `*` patterns. */
export const routeOf = (c: Context): string =>
  matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'none'
