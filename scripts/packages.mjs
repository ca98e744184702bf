/** The packages of package-lock.json, installed when they are not there already. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, run } from './run.mjs'

export async function ensurePackages() {
  const missing = await firstMissing()
  if (!missing) return
  console.log(`Installing packages (${missing}) ...`)
  // With those for building, whatever NODE_ENV says. None of them needs to run a script of its own to work.
  const options = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', options, { quiet: true })
}

/**
 * Why an install is needed, or undefined. npm leaves a record of what it has installed beside the packages; that is
 * compared with what the lock file asks for. Dates would not do: a `git checkout` makes every file new.
 */
async function firstMissing() {
  const wanted = await packagesIn('package-lock.json')
  const installed = await packagesIn(join('node_modules', '.package-lock.json')).catch(() => undefined)
  if (!installed) return 'there are none'
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    // '' is the project itself. Optional ones are for other platforms.
    if (path === '' || optional || link) continue
    if (installed[path]?.version !== version)
      return `${path.replace(/^node_modules\//, '')} is to be ${version}`
  }
  return undefined
}

async function packagesIn(file) {
  return JSON.parse(await readFile(join(root, file), 'utf8')).packages
}
