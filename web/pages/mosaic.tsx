/** `/mosaic/:id`: a mosaic with deep zoom and downloads. */
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { Message } from '../components/message.tsx'
import { authorOf } from '../components/mosaic-card.tsx'
import { MosaicView } from '../components/mosaic-view.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { galleryEntry } from '../gallery-page.ts'
import { type Job, ownPath } from '../job.ts'

export function mosaicPages(site: Site): Hono {
  const app = new Hono()
  app.get('/mosaic/:id', compress(), (c) =>
    answerMosaic(site, c, { id: c.req.param('id'), callApi: (path) => site.callApi(c, path) }),
  )
  return app
}

interface AskedMosaic {
  id: string
  callApi: (path: string) => Promise<Response>
  /** Prefix of API URLs for scripts. */
  base?: string
}

export async function answerMosaic(site: Site, c: Context, { id, callApi, base }: AskedMosaic) {
  const entry = await galleryEntry(site, c, id)
  if (!entry) {
    const text = 'It may have been taken down, or the link is incomplete.'
    const children = <Message title="No such mosaic" text={text} />
    return answerPage(c, site, { title: 'No such mosaic · mosaicme', status: 404, children })
  }
  // The job adds sizes and the deep zoom; the gallery's entry alone is enough for a page.
  const response = await callApi(`/v1/jobs/${encodeURIComponent(id)}`)
  const job = response.ok ? ((await response.json()) as Job) : undefined
  const result = job?.type === 'mosaic' ? (job.result ?? undefined) : undefined
  const author = authorOf(entry)
  const size = result?.small ?? { width: undefined, height: undefined }
  return answerPage(c, site, {
    title: author ? `Mosaic by ${author} · mosaicme` : 'Mosaic · mosaicme',
    description: 'A photo, made of thousands of other photos. Dive in, and find yours among them.',
    card: {
      url: site.absolute(c, `/mosaic/${encodeURIComponent(id)}`),
      image: {
        url: site.absolute(c, ownPath(result?.small.url ?? entry.url_small)),
        width: size.width,
        height: size.height,
        alt: author ? `Mosaic by ${author}` : 'Mosaic',
      },
    },
    islands: ['mosaic.ts'],
    children: (
      <MosaicView
        entry={entry}
        result={result}
        params={job?.params}
        parent={job?.parent}
        {...(base !== undefined && { base })}
      />
    ),
  })
}
