/** Which other sites' pages may call the API from a browser (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). */
import { cors } from 'hono/cors'

/** What a page may read of an answer beside its body. */
const exposed = [
  ...['Location', 'Retry-After', 'ETag', 'Content-Range', 'Preference-Applied', 'Idempotent-Replayed'],
  ...['X-Request-Id', 'WWW-Authenticate'],
]

/** @param origins exact ones, or `*`; none: no other site's page reads anything. Credentials are keys, never cookies. */
export const crossOrigin = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Prefer',
      'If-None-Match',
      'Range',
      'Last-Event-ID',
    ],
    exposeHeaders: exposed,
    maxAge: 600,
  })
