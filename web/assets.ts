/** The bundled islands and styles: their hashed URLs, and the route that serves them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { MiddlewareHandler } from 'hono'

interface Chunk {
  file: string
}

export class Assets {
  readonly #directory: string
  readonly #manifest: Record<string, Chunk>

  /** @throws if there is no manifest, instead of serving pages without styles */
  constructor(directory: string) {
    const manifest = join(directory, 'manifest.json')
    if (!existsSync(manifest)) {
      throw new Error(`expected the bundled pages at ${manifest}, found none: run \`npm run build\``)
    }
    this.#directory = directory
    this.#manifest = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, Chunk>
  }

  /** URL of a bundled source file, `islands/job.tsx` or `styles/main.css`. */
  url(source: string): string {
    const chunk = this.#manifest[source]
    if (chunk === undefined) throw new Error(`expected ${source} among the bundled files, but it is missing`)
    return `/assets/${chunk.file}`
  }

  /** Serves `/assets/*`. Files with hashed names never change; the few others are revalidated daily. */
  serve(): MiddlewareHandler {
    return serveStatic({
      root: this.#directory,
      rewriteRequestPath: (path) => path.replace(/^\/assets/, ''),
      onFound: (path, c) => {
        const hashed = /-[\w-]{8}\.\w+$/.test(path)
        c.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=86400')
        c.header('X-Content-Type-Options', 'nosniff')
      },
    })
  }
}
