/** Which other sites' pages may call the API from a browser (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). */
import { cors } from 'hono/cors'

/** Response headers that a page may read. */
const exposed = [
  ...['Location', 'Retry-After', 'ETag', 'Content-Range', 'Preference-Applied', 'Idempotent-Replayed'],
  ...['X-Request-Id', 'WWW-Authenticate'],
]

/** @param origins exact origins, or `*`; empty: no other site's page can read anything. Credentials are keys, never cookies. */
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

/**
 * Origins whose pages may have payloads decoded: the Temporal Web UI, under each name of this machine.
 * @param uiUrl absent: its address is unknown, so no page may
 */
export function codecOrigins(uiUrl: string | undefined): string[] {
  if (uiUrl === undefined) return []
  const { origin, hostname } = new URL(uiUrl)
  const names = ['127.0.0.1', 'localhost']
  return names.includes(hostname) ? names.map((name) => origin.replace(hostname, name)) : [origin]
}

/** CORS for pages that have payloads decoded. */
export const codecCrossOrigin = (origins: readonly string[]) =>
  cors({
    origin: [...origins],
    allowMethods: ['POST'],
    // What the Web UI sends: https://docs.temporal.io/production-deployment/data-encryption#cors
    allowHeaders: ['Authorization', 'Content-Type', 'X-Namespace'],
    maxAge: 600,
  })
