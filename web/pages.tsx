/** The website. */
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { HTTPException } from 'hono/http-exception'
import { Assets } from './assets.ts'
import { Message } from './components/message.tsx'
import type { PagesDependencies, Site } from './dependencies.ts'
import { answerPage } from './document.tsx'
import { adminPages } from './pages/admin.tsx'
import { adminMosaicPages } from './pages/admin-mosaic.tsx'
import { galleryPages } from './pages/gallery.tsx'
import { adminJobPages, jobPages } from './pages/job.tsx'
import { makePages } from './pages/make.tsx'
import { mosaicPages } from './pages/mosaic.tsx'
import { resizePages } from './pages/resize.tsx'
import { wallPages } from './pages/wall.tsx'

export type { PagesDependencies } from './dependencies.ts'

/** Responses to bad requests, which are not errors of ours. */
const refusals: Partial<Record<number, { status: 400 | 403 | 413; title: string; text: string }>> = {
  400: { status: 400, title: 'That did not arrive', text: 'The form did not arrive whole. Send it again.' },
  403: {
    status: 403,
    title: 'Not from here',
    text: 'This form was sent from another site, so nothing was done.',
  },
  413: {
    status: 413,
    title: 'That is too much',
    text: 'The request is larger than this site accepts. Nothing was done.',
  },
}

/** Mount it last at `/`: people get a page for unknown URLs. */
export function createPages(deps: PagesDependencies): Hono {
  const site: Site = {
    cache: deps.cache,
    assets: new Assets(deps.assets.directory),
    libraries: deps.libraries ?? (async () => []),
    pictureOrigins: deps.pictureOrigins ?? [],
    holdsPhotos: deps.holdsPhotos ?? false,
    maxPictureBytes: deps.maxPictureBytes ?? 20 * 1024 * 1024,
    galleryPageSize: deps.galleryPageSize ?? 24,
    absolute: (c, path) => new URL(path, deps.publicUrl ?? new URL(c.req.url).origin).href,
    callApi: async (c, path, init = {}) => {
      const headers = new Headers(init.headers)
      const authorization = c.req.header('Authorization')
      if (authorization) headers.set('Authorization', authorization)
      return await deps.api(new Request(new URL(path, c.req.url), { ...init, headers }))
    },
  }
  const app = new Hono()

  app.use('/assets/*', compress(), site.assets.serve())
  app.route('/', galleryPages(site))
  app.route('/', makePages(site))
  app.route('/', resizePages(site))
  app.route('/', jobPages(site))
  app.route('/', mosaicPages(site))
  app.route('/', wallPages(site))
  app.route('/', adminPages(site))
  app.route('/', adminMosaicPages(site))
  app.route('/', adminJobPages(site))

  // Not `app.get`: the API tells 405 from 404 by the methods of matching routes, and this one matches everything.
  app.use(async (c, next) => {
    if (c.req.method !== 'GET' || !c.req.header('Accept')?.includes('text/html')) return await next()
    const children = <Message title="Nothing here" text="This address leads nowhere." />
    return answerPage(c, site, { title: 'Nothing here · mosaicme', status: 404, children })
  })

  app.onError((error, c) => {
    const refused = error instanceof HTTPException ? refusals[error.status] : undefined
    if (!refused) deps.onError?.(error)
    const { status, title, text } = refused ?? {
      status: 500 as const,
      title: 'Something broke on our side',
      text: 'Your photo did nothing wrong. Try again in a moment.',
    }
    const children = <Message title={title} text={text} />
    return answerPage(c, site, { title: `${title} · mosaicme`, status, children })
  })

  return app
}
