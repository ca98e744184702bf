import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of our own package.json: two levels up from `dist/cli`, one from `cli`. */
export const packageRoot = nearestPackage(dirname(fileURLToPath(import.meta.url)))

/**
 * Where downloaded and built programs are kept between runs. In a clone that is `.cache/`, so that removing the clone removes
 * everything. An installed package must not write into its own folder, so there it is the user's cache.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MOSAICME_CACHE) return env.MOSAICME_CACHE
  const installed = packageRoot.split(sep).includes('node_modules')
  return installed
    ? join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mosaicme')
    : join(packageRoot, '.cache')
}

function nearestPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('expected a package.json above this file, found none')
  return nearestPackage(parent)
}
