/** `/docs`: the contract for people, rendered from the OpenAPI document. No scripts, nothing from other hosts. */
import { Hono } from 'hono'
import type { ApiDocument } from '../openapi.ts'
import { problemKinds } from '../problems.ts'
import { DocsPage } from './page.tsx'
import { ProblemsPage } from './problems-page.tsx'
import { stylesheet } from './stylesheet.ts'

/** Also keeps an attacker in between from framing the pages or injecting a script. */
const policy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** @param described the contract, asked for once somebody reads it */
export function docsRoutes(described: () => ApiDocument) {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('Content-Security-Policy', policy)
    c.header('Cache-Control', 'public, max-age=300')
  })
  app.get('/', (c) => c.html(<DocsPage document={described()} />))
  app.get('/problems', (c) => c.html(<ProblemsPage kinds={problemKinds} />))
  app.get('/docs.css', (c) => c.body(stylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  return app
}
