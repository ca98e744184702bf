/** `/wall/:library`: a mosaic that grows as photos arrive, for a projector. `/u/:wall`: where phones upload photos. */
import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { renderSVG } from 'uqr'
import { Message } from '../components/message.tsx'
import { Wall } from '../components/wall.tsx'
import { HandedIn, WallUpload } from '../components/wall-upload.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { type FilledForm, freshForm, refuseForm } from '../filled-form.ts'
import { readForm } from '../read-form.ts'
import { sameSite } from '../same-site.ts'
import { chosenFiles, formErrors, textFields } from '../submission.ts'
import { formBytes, tooLarge, wantsJson } from '../submit-job.ts'

/** A valid library name, except `starter`, which takes no photos. */
const isWall = (name: string) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(name) && name !== 'starter'

/** Default number of cells: about what the guests of an evening fill. */
const usualCells = 600
const mostCells = 10_000

export function wallPages(site: Site): Hono {
  const app = new Hono()

  const noWall = (c: Context) => {
    const text = 'A wall is named in lower-case letters, digits and hyphens, such as /wall/summer-party.'
    const children = <Message title="No such wall" text={text} />
    return answerPage(c, site, { title: 'No such wall · mosaicme', status: 404, children })
  }

  app.get('/wall/:library', compress(), (c) => {
    const library = c.req.param('library')
    if (!isWall(library)) return noWall(c)
    const wanted = Number(c.req.query('cells') ?? usualCells)
    const cells = Number.isInteger(wanted) ? Math.min(mostCells, Math.max(4, wanted)) : usualCells
    const of = c.req.query('of')
    const upload = site.absolute(c, `/u/${library}`)
    return answerPage(c, site, {
      title: `${library}: a wall of photos · mosaicme`,
      islands: ['wall.ts'],
      bare: true,
      children: (
        <Wall
          library={library}
          cells={cells}
          target={of && /^mosaic-[\w-]+$/.test(of) ? `/v1/jobs/${of}/files/target.jpg` : '/assets/sunset.svg'}
          upload={upload}
          qrCode={renderSVG(upload, { border: 1 })}
        />
      ),
    })
  })

  const showForm = (c: Context, { status, ...form }: FilledForm) => {
    const library = c.req.param('wall') ?? ''
    return answerPage(c, site, {
      title: `A photo for ${library} · mosaicme`,
      islands: ['wall-upload.ts'],
      status,
      children: <WallUpload library={library} maxBytes={site.maxPictureBytes} form={form} />,
    })
  }

  app.get('/u/:wall', compress(), (c) => {
    const library = c.req.param('wall')
    if (!isWall(library)) return noWall(c)
    const tile = c.req.query('tile')
    if (tile && /^[0-9a-f]{64}$/.test(tile)) {
      const children = <HandedIn library={library} tile={tile} isHeld={site.holdsPhotos} />
      return answerPage(c, site, { title: `On its way · mosaicme`, children })
    }
    return showForm(c, freshForm(c))
  })

  const refuse = (c: Context, form: FilledForm) => refuseForm(c, form, showForm)

  app.post(
    '/u/:wall',
    sameSite,
    bodyLimit({
      maxSize: formBytes(site),
      onError: (c) => refuse(c, { values: {}, errors: tooLarge(site, 'This photo is'), status: 413 }),
    }),
    async (c) => {
      const library = c.req.param('wall')
      if (!isWall(library)) return noWall(c)
      const form = await readForm(c)
      const values = textFields(form)
      const [photo] = chosenFiles(form)
      if (!photo) return refuse(c, { values, errors: { image: 'Choose a photo.' }, status: 422 })
      const tile = createHash('sha256')
        .update(new Uint8Array(await photo.arrayBuffer()))
        .digest('hex')
      const body = new FormData()
      body.set('image', photo)
      body.set('job', JSON.stringify({ library, ...(values.author && { author: { name: values.author } }) }))
      const response = await site.callApi(c, '/v1/tiles', {
        method: 'POST',
        // A double tap sends the same photo only once.
        headers: {
          'Idempotency-Key': `wall-${library}-${tile}-${createHash('sha256')
            .update(values.author ?? '')
            .digest('hex')
            .slice(0, 8)}`,
        },
        body,
      })
      if (!response.ok) {
        const status = response.status as ContentfulStatusCode
        return refuse(c, { values, errors: await formErrors(response, form), status })
      }
      const location = `/u/${library}?tile=${tile}`
      return wantsJson(c) ? c.json({ id: tile, location }, 202) : c.redirect(location, 303)
    },
  )

  return app
}
