/** `/`: the gallery, and links to make a mosaic. */
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { Gallery } from '../components/gallery.tsx'
import { Scene } from '../components/scene.tsx'
import type { Site } from '../dependencies.ts'
import { answerPage } from '../document.tsx'
import { galleryPage } from '../gallery-page.ts'

export function galleryPages(site: Site): Hono {
  const app = new Hono()

  app.get('/', compress(), async (c) => {
    const after = c.req.query('after')
    const by = c.req.query('by')?.trim().slice(0, 200) || undefined
    const page = await galleryPage(site, c, { after, by })
    if (!page)
      return c.redirect(by === undefined ? '/#gallery' : `/?by=${encodeURIComponent(by)}#gallery`, 302)
    return answerPage(c, site, {
      title:
        by === undefined
          ? 'mosaicme: your photo, made of thousands of others'
          : `Mosaics by ${by} · mosaicme`,
      description: 'Post a photo and get a photomosaic of it back, made of thousands of other photos.',
      islands: ['gallery.ts'],
      children: (
        <>
          {after === undefined && by === undefined && <Welcome />}
          <Gallery page={page} isFirst={after === undefined} by={by} />
        </>
      ),
    })
  })

  return app
}

const Welcome = () => (
  <section class="hero">
    <div class="pitch">
      <h1>Your photo, made of thousands of others.</h1>
      <p>Post a photo and it comes back as a mosaic that you can dive into, tile by tile.</p>
      <p class="actions">
        <a class="button primary" href="/new">
          Make a mosaic
        </a>
        <a class="button quiet" href="/resize">
          Resize a picture
        </a>
      </p>
    </div>
    <Scene />
  </section>
)
