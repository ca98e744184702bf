import { createMiddleware } from 'hono/factory'
import { isLoopback } from '../../adapters/environment/loopback.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'

/**
 * Protects against DNS rebinding: the owner of a domain can point it to 127.0.0.1, so that a visitor's browser treats that site
 * and this server as one origin. A server that needs no key because only this machine reaches it therefore answers only to names
 * of this machine, and to the host of `PUBLIC_URL`, which a proxy passes on.
 */
export function knownHost({
  http,
  publicUrl,
  apiKeys,
  allowAnonymous,
}: Pick<ApiDependencies['environment'], 'http' | 'publicUrl' | 'apiKeys' | 'allowAnonymous'>) {
  const isOpen = apiKeys.length > 0 || allowAnonymous || !isLoopback(http.host)
  const own = publicUrl === undefined ? undefined : new URL(publicUrl).host
  return createMiddleware<ApiEnv>(async (c, next) => {
    const host = c.req.header('Host')
    if (!isOpen && host !== undefined && host !== own && !isLoopback(nameOf(host)))
      throw new Problem(
        'unknown_host',
        `This server only answers to names of this machine${own === undefined ? '' : ` and to ${own}`}, ` +
          `but the request is for ${host}. ` +
          'To reach it by another name, set PUBLIC_URL.',
      )
    await next()
  })
}

/** Without its port; an IPv6 address without its brackets. */
const nameOf = (host: string) => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
