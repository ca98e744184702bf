/** The bundled islands and styles: their hashed addresses, and the route that serves them. */
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

  /** @throws when the folder holds no manifest: pages without styles would look broken and say nothing. */
  constructor(directory: string) {
    const manifest = join(directory, 'manifest.json')
    if (!existsSync(manifest)) {
      throw new Error(`expected the bundled pages at ${manifest}, there is nothing: run \`npm run build\``)
    }
    this.#directory = directory
    this.#manifest = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, Chunk>
  }

  /** Address of a bundled source file, `islands/job.tsx` or `styles/main.css`. */
  url(source: string): string {
    const chunk = this.#manifest[source]
    if (chunk === undefined) throw new Error(`expected ${source} among the bundled files, it is not`)
    return `/assets/${chunk.file}`
  }

  /** Serves `/assets/*`. A hashed name never changes its bytes; the few plain ones are asked about daily. */
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
