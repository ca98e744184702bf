/** Installs the packages of package-lock.json if necessary. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, run } from './run.mjs'

export async function ensurePackages() {
  const missing = await firstMissing()
  if (!missing) return
  console.log(`Installing packages (${missing}) ...`)
  // Including development dependencies, whatever NODE_ENV says. None of them needs an install script.
  const options = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', options, { quiet: true })
}

/**
 * Why an install is needed, or undefined. Compares npm's record of what it has installed with the lock file. Dates would not do:
 * a `git checkout` makes every file new.
 */
async function firstMissing() {
  const wanted = await packagesIn('package-lock.json')
  const installed = await packagesIn(join('node_modules', '.package-lock.json')).catch(() => undefined)
  if (!installed) return 'none are installed'
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    // '' is the project itself. Optional packages are for other platforms.
    if (path === '' || optional || link) continue
    if (installed[path]?.version !== version)
      return `${path.replace(/^node_modules\//, '')} must be ${version}`
  }
  return undefined
}

async function packagesIn(file) {
  return JSON.parse(await readFile(join(root, file), 'utf8')).packages
}
