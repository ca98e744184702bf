/**
 * Tests import `../../engine/index.ts`. Under `npm test`, which has just built the sources, they get what the build made of
 * it: what is tested is what is shipped. It is cheaper as well. Vitest transforms the tests only, and every thread and process
 * of the engine's starts on JavaScript, where it would first have to learn TypeScript.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Plugin } from 'vite'

const root = resolve(import.meta.dirname, '../..')

/** For Node to load as it is: no package's, of which some need vite. */
export const builtFiles = new RegExp(`^${join(root, 'dist').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/.+\\.js$`)

export function builtSources(): Plugin {
  // Absent without `npm test`: what lies in `dist/` may be older than the sources.
  const dist = process.env.MOSAICME_BUILT
  return {
    name: 'mosaicme:built-sources',
    enforce: 'pre',
    resolveId: (source, importer) => dist && importer && builtFrom(dist, source, importer),
  }
}

/** What the build made of a source; `undefined` for packages, for the tests' own files, and for what is not built. */
export function builtFrom(dist: string, source: string, importer: string): string | undefined {
  if (!/^\.{1,2}\/.+\.tsx?$/.test(source)) return undefined
  const path = relative(root, resolve(dirname(importer), source))
  const built = join(dist, path.replace(/\.tsx?$/, '.js'))
  return existsSync(built) ? built : undefined
}
