/**
 * `/admin/mosaic/:id`: lets operators edit and delete any mosaic. The operator's key is only sent to `/admin`, so API calls from
 * the scripts of this page and of `/admin/jobs/:id` go through there.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { callAsOperator } from '../admin-key.ts'
import { Message } from '../components/message.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { sameSite } from '../same-site.ts'
import { answerMosaic } from './mosaic.tsx'

/** The calls that these pages need, and no others. */
const passedOn = [
  ['GET', '/v1/jobs/:id'],
  ['DELETE', '/v1/jobs/:id'],
  ['GET', '/v1/jobs/:id/events'],
  ['GET', '/v1/jobs/:id/steps'],
  ['GET', '/v1/jobs/:id/preview'],
  ['GET', '/v1/jobs/:id/result'],
  ['POST', '/v1/jobs/:id/cancel'],
  ['POST', '/v1/jobs/:id/replay'],
  ['GET', '/v1/jobs/:id/runners-up'],
  ['POST', '/v1/jobs/:id/edits'],
  ['GET', '/v1/tiles/:library/:tile/picture'],
] as const

const base = '/admin'
/** Maximum size of edits, bytes. */
const editBytes = 64 * 1024

export function adminMosaicPages(site: Site): Hono {
  const app = new Hono()

  /** Accepts a pasted link or ID. */
  app.get('/admin/mosaic', async (c) => {
    const id = /mosaic-[\w-]+/.exec(c.req.query('link') ?? '')?.[0]
    if (id) return c.redirect(`${base}/mosaic/${id}`, 303)
    const text = 'The text that you pasted contains neither a link to a mosaic nor its ID.'
    const children = <Message title="No such mosaic" text={text} />
    return answerPage(c, site, { title: 'No such mosaic · mosaicme', status: 404, children })
  })

  app.get('/admin/mosaic/:id', compress(), async (c) => {
    const isLetIn = await callAsOperator(site, c, '/v1/moderation?limit=1')
    if (!isLetIn.ok) return c.redirect(base, 303)
    const callApi = (path: string) => callAsOperator(site, c, path)
    const page = await answerMosaic(site, c, { id: c.req.param('id'), callApi, base })
    page.headers.set('Cache-Control', 'no-store')
    return page
  })

  for (const [method, path] of passedOn)
    app.on(method, `${base}${path}`, sameSite, bodyLimit({ maxSize: editBytes }), async (c) => {
      const { pathname, search } = new URL(c.req.url)
      const body = method === 'POST' ? await c.req.arrayBuffer() : undefined
      const answer = await callAsOperator(site, c, pathname.slice(base.length) + search, {
        ...{ method, signal: c.req.raw.signal },
        // An unchanged replay has no body, which is not the same as empty JSON.
        ...(body && body.byteLength > 0 && { body, headers: { 'Content-Type': 'application/json' } }),
      })
      // Responses that required a key must not be cached for others.
      answer.headers.set('Cache-Control', 'private, no-cache')
      return answer
    })

  return app
}
