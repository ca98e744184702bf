import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern that answered, never the path: IDs as labels would grow without end. Middleware matches `*` patterns. */
export const routeOf = (c: Context): string =>
  matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? 'none'
