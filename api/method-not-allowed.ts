import type { Hono } from 'hono'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problems.ts'

/** Answers 405 with `Allow` (RFC 9110, section 15.5.6) where other methods are known. Call after the last route. */
export function methodNotAllowed(app: Hono<ApiEnv>): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue
    const known = methods.get(path) ?? new Set()
    methods.set(path, known.add(method))
    if (method === 'GET') known.add('HEAD')
  }
  for (const [path, known] of methods) {
    app.all(path, (c) => {
      throw new Problem(
        'method_not_allowed',
        `Expected one of ${[...known].join(', ')}, received ${c.req.method}.`,
        {
          headers: { Allow: [...known].join(', ') },
        },
      )
    })
  }
}
