import { csrf } from 'hono/csrf'

/** Forms are taken from this site's own pages alone. By host: behind a proxy that ends TLS the schemes differ. */
export const sameSite = csrf({
  origin: (origin, c) => URL.canParse(origin) && new URL(origin).host === c.req.header('Host'),
})
