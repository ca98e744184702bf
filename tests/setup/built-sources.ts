/**
 * Redirects imports of sources, such as `../../engine/index.ts`, to the output of the build that `npm test` has just made: this
 * tests what is shipped, and is faster. Vitest only transforms the tests, and the engine's threads and processes start from
 * JavaScript instead of loading TypeScript first.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Plugin } from 'vite'

const root = resolve(import.meta.dirname, '../..')

/** Loaded by Node unchanged. Not for packages, some of which need vite. */
export const builtFiles = new RegExp(`^${join(root, 'dist').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/.+\\.js$`)

export function builtSources(): Plugin {
  // Unset without `npm test`: `dist/` may be outdated.
  const dist = process.env.MOSAICME_BUILT
  return {
    name: 'mosaicme:built-sources',
    enforce: 'pre',
    resolveId: (source, importer) => dist && importer && builtFrom(dist, source, importer),
  }
}

/** The built file of a source; `undefined` for packages, test files, and files that are not built. */
export function builtFrom(dist: string, source: string, importer: string): string | undefined {
  if (!/^\.{1,2}\/.+\.tsx?$/.test(source)) return undefined
  const path = relative(root, resolve(dirname(importer), source))
  const built = join(dist, path.replace(/\.tsx?$/, '.js'))
  return existsSync(built) ? built : undefined
}
