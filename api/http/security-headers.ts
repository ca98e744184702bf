/** Headers that keep a browser from doing more with an answer than it is for. On every answer; what a route says itself stays. */
import { createMiddleware } from 'hono/factory'

/** @param https whether the site is reached by https alone, as its PUBLIC_URL says */
export function securityHeaders(https: boolean) {
  const headers: [name: string, value: string][] = [
    // What is stored is what somebody sent: a browser must not guess a type for it.
    ['X-Content-Type-Options', 'nosniff'],
    // Opened by itself, no answer runs a script, loads anything, or is framed.
    [
      'Content-Security-Policy',
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    ],
    ['X-Frame-Options', 'DENY'],
    // A job's address is a secret of whoever has it.
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    // Pictures are there to be shown on other sites.
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
