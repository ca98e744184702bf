import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'

/** The same as `web/public/icon.svg`, because these pages are served even without the website. */
const Mark = () => (
  <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
    {['#ffb238', '#ff7a59', '#e4467c', '#ff9a4a', '#c23b8f', '#6b46e5', '#f2547d', '#5b3df5', '#19a7a0'].map(
      (fill, at) => (
        <rect fill={fill} x={1 + 10.5 * (at % 3)} y={1 + 10.5 * Math.floor(at / 3)} width="9" height="9" />
      ),
    )}
  </svg>
)

/** The layout of all pages of the documentation. */
export const Layout = ({ title, children }: PropsWithChildren<{ title: string }>) => (
  <>
    {raw('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="stylesheet" href="/docs/docs.css" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <a class="wordmark" href="/">
            <Mark />
            mosaicme
          </a>
          <nav aria-label="Site">
            <a href="/new">Make</a>
            <a href="/resize">Resize</a>
            <a href="/#gallery">Gallery</a>
            <a href="/docs" aria-current={title.startsWith('mosaicme') ? 'page' : undefined}>
              API
            </a>
          </nav>
        </header>
        <main id="content" tabindex={-1}>
          <nav class="within" aria-label="Documentation">
            <a href="/docs">Calls and shapes</a>
            <a href="/docs/problems">Problems</a>
            <a href="/openapi.json">OpenAPI document</a>
          </nav>
          {children}
        </main>
        <footer>
          <p>
            Every picture here is made by a durable workflow: one that survives crashes, and can be watched
            and replayed.
          </p>
        </footer>
      </body>
    </html>
  </>
)
