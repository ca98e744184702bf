import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'

/** The frame of every page of the documentation. */
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
          Skip to the content
        </a>
        <header>
          <nav aria-label="Site">
            <a href="/">mosaicme</a>
            <a href="/docs">API</a>
            <a href="/docs/problems">Problems</a>
            <a href="/openapi.json">OpenAPI document</a>
          </nav>
        </header>
        <main id="content">{children}</main>
      </body>
    </html>
  </>
)
