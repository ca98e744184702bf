import { csrf } from 'hono/csrf'

/** CSRF protection: accepts forms only from this site. Compares hosts, since a TLS-terminating proxy changes the scheme. */
export const sameSite = csrf({
  origin: (origin, c) => URL.canParse(origin) && new URL(origin).host === c.req.header('Host'),
})
