/** Authenticates requests: by bearer keys (RFC 6750), if any are configured, and by signed links. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import { type ApiKey, fingerprintOf, type Scope, scopes } from '../../adapters/environment/api-keys.ts'
import { MemoryRateLimits } from '../../adapters/rate-limits/memory.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { createTenantJobs, keyBodyLimit, takeToken } from './key-limits.ts'
import { isRead, requireScope, scopeFor } from './scopes.ts'
import { isCodecLink, isLinkable, readLink } from './signed-link.ts'
import { anonymous, type Tenant } from './tenant.ts'

/** Readable without a key: a browser's `<img>` cannot send one, and job IDs cannot be guessed. */
const open = /^\/v1\/(gallery(\/events)?|jobs\/[^/]+\/(files\/.*|result|preview))$/

const admitAll = async () => {}
const everything = { scopes, isolated: false, owns: false, admit: admitAll }

export function authentication(deps: ApiDependencies) {
  const { environment, now = Date.now } = deps
  const { rates = new MemoryRateLimits(now) } = deps
  const known = environment.apiKeys.map((key) => knownKey(deps, key))
  const closed = known.length > 0
  /** A caller without a key: may do everything if no keys are configured, otherwise only what is not for operators. */
  const nobody: Tenant = closed
    ? { name: anonymous, scopes: ['submit', 'read'], isolated: true, owns: true, admit: admitAll }
    : { name: undefined, ...everything }
  /** A link acts for the key that signed it. If several keys share its name, the first with the required scope counts. */
  const linked = (name: string, scope: Scope) => {
    const found = known.find(({ tenant }) => tenant.name === name && tenant.scopes.includes(scope))
    if (found) return found
    // Links end with the keys of their name.
    if (name !== anonymous || (closed && !environment.allowAnonymous))
      throw new Problem(
        'invalid_signature',
        `The creator of this link no longer has an API key with the scope ${scope}.`,
      )
    return { tenant: nobody }
  }

  return createMiddleware<ApiEnv>(async (c, next) => {
    c.set('caller', anonymous)
    c.set('tenant', nobody)
    const { method, path } = c.req
    const header = c.req.header('Authorization')
    // The Temporal Web UI may send a token of its own, too.
    const isCodec = isCodecLink(path)
    const signedFor =
      header === undefined || isCodec
        ? readLink(environment.linkKey, { method, path }, c.req.query(), now())
        : undefined
    if (signedFor !== undefined) {
      const scope = scopeFor(method, path)
      const by = linked(signedFor, scope)
      requireScope(by.tenant, scope)
      c.set('tenant', by.tenant)
      if (!('key' in by)) return await next()
      await takeToken(rates, by.key)
      return await by.limitBody(c, next)
    }
    if (!closed) return await next()
    if (header === undefined) {
      if (!environment.allowAnonymous && !(isRead(method) && open.test(path)))
        throw unauthorized('Expected an API key, as `Authorization: Bearer KEY`.')
      requireScope(nobody, scopeFor(method, path))
      return await next()
    }
    const sent = /^Bearer +(\S+)$/i.exec(header)?.[1]
    if (sent === undefined) throw unauthorized('Expected `Authorization: Bearer KEY`.', 'invalid_request')
    const digest = createHash('sha256').update(sent).digest()
    // Hashes are equally long and all keys are compared, so timing does not reveal a near match.
    const [found] = known.filter((key) => timingSafeEqual(key.digest, digest))
    if (!found) throw unauthorized('This API key is unknown.', 'invalid_token')
    await takeToken(rates, found.key)
    requireScope(found.tenant, scopeFor(method, path))
    c.set('caller', fingerprintOf(digest.toString('hex')))
    c.set('tenant', found.tenant)
    return await found.limitBody(c, next)
  })
}

function knownKey(deps: ApiDependencies, key: ApiKey) {
  const { tenant: name, scopes, limits } = key
  const tenant: Tenant = {
    ...{ name, scopes },
    isolated: !scopes.includes('operate' satisfies Scope),
    owns: name !== fingerprintOf(key.digest),
    ...(limits.libraries && { libraries: limits.libraries }),
    admit: limits.jobs === undefined ? admitAll : createTenantJobs(deps, name, limits.jobs),
  }
  return {
    ...{ key, tenant },
    digest: Buffer.from(key.digest, 'hex'),
    limitBody: keyBodyLimit(key),
  }
}

/**
 * CSRF protection: keeps other sites' pages from posting through a visitor's browser to an API that needs no key. Programs send
 * neither header and pass, as do pages of the given origins.
 */
export const sameSiteWrites = (origins: readonly string[]) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const origin = c.req.header('Origin')
    const foreign =
      c.req.header('Sec-Fetch-Site') === 'cross-site' ||
      (origin !== undefined && hostOf(origin) !== c.req.header('Host'))
    const welcome = origin !== undefined && origins.includes(origin)
    const { method, path } = c.req
    const signed = c.req.query('signature') !== undefined && isLinkable(method, path)
    const keyed = c.req.header('Authorization') !== undefined || signed
    if (!isRead(method) && foreign && !welcome && !keyed)
      throw new Problem('cross_site_request', 'Pages of other sites need an API key for this.')
    await next()
  })

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

/** RFC 6750, section 3. */
function unauthorized(detail: string, error?: string): Problem {
  const challenge = `Bearer realm="mosaicme"${error === undefined ? '' : `, error="${error}"`}`
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge } })
}
