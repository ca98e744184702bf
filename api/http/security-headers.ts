/** Security headers on every response. A header that the route set itself stays. */
import { createMiddleware } from 'hono/factory'

/** @param https whether the site is only reached over https, as PUBLIC_URL says */
export function securityHeaders(https: boolean) {
  const headers: [name: string, value: string][] = [
    // Stored files come from users: a browser must not guess their type.
    ['X-Content-Type-Options', 'nosniff'],
    // No response, opened on its own, may run a script, load anything or be framed.
    [
      'Content-Security-Policy',
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    ],
    ['X-Frame-Options', 'DENY'],
    // A job's URL is secret.
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    // Other sites may show the pictures.
    ['Cross-Origin-Resource-Policy', 'cross-origin'],
    ['Permissions-Policy', 'geolocation=(), microphone=(), payment=(), usb=()'],
    ['X-Permitted-Cross-Domain-Policies', 'none'],
    ...(https ? ([['Strict-Transport-Security', 'max-age=31536000']] as [string, string][]) : []),
  ]
  return createMiddleware(async (c, next) => {
    await next()
    for (const [name, value] of headers) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  })
}
