import { createMiddleware } from 'hono/factory'
import { isLoopback } from '../../adapters/environment/loopback.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problems.ts'

/**
 * Whoever owns a name may have it lead to 127.0.0.1, and a visitor's browser then takes that site's pages for ours (DNS
 * rebinding). So what needs no key because only this machine reaches it answers to this machine's names alone, and to that
 * of `PUBLIC_URL`, under which a proxy passes it on.
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
        `This server only answers to this machine's own name${own === undefined ? '' : ` and to ${own}`}, but the request is for ${host}. ` +
          'To reach it by another name, set PUBLIC_URL.',
      )
    await next()
  })
}

/** Without its port; an IPv6 address without its brackets. */
const nameOf = (host: string) => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
