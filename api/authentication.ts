/** Who asks, and whether they may: bearer keys (RFC 6750) when some are configured. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { ApiDependencies, ApiEnv } from './dependencies.ts'
import { Problem } from './problems.ts'

const anonymous = 'anonymous'

/** Pictures and the gallery: a browser's `<img>` sends no key, and a job's ID is not to be guessed. */
const open = /^\/v1\/(gallery(\/events)?|jobs\/[^/]+\/(files\/.*|result|preview))$/

export function authentication({ environment }: ApiDependencies) {
  // Hashes have one length: comparing them takes the same time whatever was sent.
  const known = environment.apiKeys.map(hash)
  return createMiddleware<ApiEnv>(async (c, next) => {
    c.set('caller', anonymous)
    const header = c.req.header('Authorization')
    if (known.length > 0) {
      const sent = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
      if (sent !== undefined) {
        const digest = hash(sent)
        // Every key is looked at, so that the time does not tell which one was close.
        const found = known.filter((key) => timingSafeEqual(key, digest))
        if (found.length === 0) throw unauthorized('This API key is not known.', 'invalid_token')
        c.set('caller', digest.toString('hex').slice(0, 32))
      } else if (header !== undefined) {
        throw unauthorized('Expected `Authorization: Bearer KEY`.', 'invalid_request')
      } else if (!environment.allowAnonymous && !(isRead(c.req.method) && open.test(c.req.path))) {
        throw unauthorized('Expected an API key, as `Authorization: Bearer KEY`.')
      }
    }
    await next()
  })
}

/**
 * Keeps other sites' pages from posting through a visitor's browser to an API that needs no key (CSRF, and DNS
 * rebinding). Programs send neither header and pass.
 */
export const sameSiteWrites = createMiddleware(async (c, next) => {
  const origin = c.req.header('Origin')
  const foreign =
    c.req.header('Sec-Fetch-Site') === 'cross-site' ||
    (origin !== undefined && hostOf(origin) !== c.req.header('Host'))
  if (!isRead(c.req.method) && foreign && c.req.header('Authorization') === undefined)
    throw new Problem('cross_site_request', 'A page of another site may not do this without an API key.')
  await next()
})

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)
const isRead = (method: string) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
const hash = (key: string) => createHash('sha256').update(key).digest()

/** RFC 6750, section 3. */
function unauthorized(detail: string, error?: string): Problem {
  const challenge = `Bearer realm="mosaicme"${error === undefined ? '' : `, error="${error}"`}`
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge } })
}
