import { createMiddleware } from 'hono/factory'

/**
 * Hono writes `charset=UTF-8`. Charset names are case-insensitive (RFC 9110, section 8.3.2), but clients of the old API compare
 * the header with what Flask wrote.
 */
export const plainHtmlType = createMiddleware(async (c, next) => {
  await next()
  if (c.res.headers.get('Content-Type') === 'text/html; charset=UTF-8')
    c.res.headers.set('Content-Type', 'text/html; charset=utf-8')
})
