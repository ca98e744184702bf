/** The document around every page, and its security headers. */
import type { Context } from 'hono'
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Assets } from './assets.ts'
import type { Site } from './dependencies.ts'

/** Link preview of the page in posts. URLs are absolute, since other sites read them. */
export interface Card {
  url: string
  image: { url: string; width?: number | undefined; height?: number | undefined; alt: string }
}

export interface PageProps {
  title: string
  description?: string
  card?: Card
  /** File names of islands in `web/islands/`. */
  islands?: readonly string[]
  /** Refresh interval for browsers without JavaScript, seconds. */
  refresh?: number | undefined
  /** Without header and footer, such as on a projector. */
  bare?: boolean
}

const Document: FC<PropsWithChildren<PageProps & { assets: Assets }>> = (page) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>{page.title}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      {page.description && <meta name="description" content={page.description} />}
      {page.card && <CardTags title={page.title} description={page.description} card={page.card} />}
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href={page.assets.url('styles/main.css')} />
      {page.islands?.map((island) => (
        <script type="module" src={page.assets.url(`islands/${island}`)} />
      ))}
      {page.refresh !== undefined && (
        <noscript>
          <meta http-equiv="refresh" content={String(page.refresh)} />
        </noscript>
      )}
    </head>
    <body>{page.bare ? <main id="main">{page.children}</main> : <Around>{page.children}</Around>}</body>
  </html>
)

/** Header and footer. */
const Around: FC<PropsWithChildren> = ({ children }) => (
  <>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <header class="site">
      <a class="wordmark" href="/">
        <img src="/assets/icon.svg" alt="" width="28" height="28" />
        mosaicme
      </a>
      <nav aria-label="Site">
        <a href="/new">Make</a>
        <a href="/resize">Resize</a>
        <a href="/#gallery">Gallery</a>
        <a href="/docs">API</a>
      </nav>
    </header>
    <main id="main" tabindex={-1}>
      {children}
    </main>
    <footer class="site">
      <p>
        Every picture here is made by a durable workflow: one that survives crashes, and can be watched and
        replayed.
      </p>
    </footer>
  </>
)

/** https://ogp.me, which X's cards fall back to. */
const CardTags: FC<{ title: string; description: string | undefined; card: Card }> = ({
  title,
  description,
  card: { url, image },
}) => (
  <>
    <link rel="canonical" href={url} />
    <meta property="og:site_name" content="mosaicme" />
    <meta property="og:type" content="article" />
    <meta property="og:url" content={url} />
    <meta property="og:title" content={title} />
    {description && <meta property="og:description" content={description} />}
    <meta property="og:image" content={image.url} />
    <meta property="og:image:alt" content={image.alt} />
    {image.width !== undefined && <meta property="og:image:width" content={String(image.width)} />}
    {image.height !== undefined && <meta property="og:image:height" content={String(image.height)} />}
    <meta name="twitter:card" content="summary_large_image" />
    <meta name="twitter:title" content={title} />
    <meta name="twitter:image" content={image.url} />
    <meta name="twitter:image:alt" content={image.alt} />
  </>
)

/**
 * Forbids inline scripts and styles, third parties, and framing. A store's origin is allowed for pictures and for the deep zoom's
 * descriptor, which a script fetches.
 */
const contentSecurityPolicy = (pictureOrigins: readonly string[]) => {
  const pictures = ["'self'", ...pictureOrigins].join(' ')
  return [
    "default-src 'self'",
    `img-src ${pictures} data: blob:`,
    `connect-src ${pictures}`,
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export async function answerPage(
  c: Context,
  { assets, pictureOrigins }: Site,
  { children, status = 200, ...page }: PageProps & { children: Child; status?: ContentfulStatusCode },
): Promise<Response> {
  c.header('Content-Security-Policy', contentSecurityPolicy(pictureOrigins))
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('Referrer-Policy', 'same-origin')
  c.header('Cache-Control', 'no-cache')
  c.status(status)
  const document = await (
    <Document assets={assets} {...page}>
      {children}
    </Document>
  ).toString()
  return c.html(`<!doctype html>${document}`)
}
