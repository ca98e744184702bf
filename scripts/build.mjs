/**
 * Builds dist/ if its sources have changed: JavaScript and types, the engine's kernel, the workflow bundle, the pages' islands,
 * the bundled programs.
 * `--force` builds in any case.
 *
 * The result is moved into place atomically, so that neither a running copy nor a killed build sees half of it.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { requireNode } from './node-version.mjs'
import { ensurePackages } from './packages.mjs'
import { root, run, tellFailure } from './run.mjs'

const sources = ['workflows', 'activities', 'workers', 'api', 'web', 'engine', 'adapters', 'cli']
const settings = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
]
const dist = join(root, 'dist')

export async function ensureBuilt({ force = false } = {}) {
  const stamp = await hashOfSources()
  const built = await readFile(join(dist, '.stamp'), 'utf8').catch(() => undefined)
  if (built === stamp && !force) return
  const started = performance.now()
  console.log(built === undefined ? 'Building ...' : 'The sources have changed, building ...')
  await build(stamp)
  console.log(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

async function build(stamp) {
  const fresh = join(root, `dist.new-${process.pid}`)
  const old = join(root, `dist.old-${process.pid}`)
  const node = process.execPath
  const bin = (...path) => join(root, 'node_modules', ...path)
  try {
    await run(node, [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh])
    await Promise.all([
      run(node, [join('engine', 'wasm', 'build.mjs'), join(fresh, 'engine', 'wasm', 'nearest.wasm')]),
      run(node, [
        ...['--input-type=module', '-e', bundleWorkflows],
        pathToFileURL(join(fresh, 'workers', 'build-bundle.js')).href,
        join(fresh, 'workers', 'workflows.bundle.js'),
        join(fresh, 'workers', 'workflows.traced.bundle.js'),
      ]),
      run(node, [
        bin('vite', 'bin', 'vite.js'),
        ...['build', '--config', join('web', 'vite.config.ts')],
        ...['--outDir', join(fresh, 'web', 'assets'), '--emptyOutDir'],
      ]),
    ])
    // Loaded late: it is not installed before `ensurePackages`.
    const { bundlePrograms } = await import('./bundle.mjs')
    await bundlePrograms(fresh)
    await writeFile(join(fresh, '.stamp'), stamp)
    await rename(dist, old).catch(ifMissing)
    await rename(fresh, dist)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
}

const bundleWorkflows = `
  const { buildWorkflowBundle } = await import(process.argv[1])
  await buildWorkflowBundle(process.argv[2])
  await buildWorkflowBundle(process.argv[3], { traced: true })
`

async function hashOfSources() {
  const hash = createHash('sha256')
  const files = [...settings]
  for (const folder of sources) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    files.push(
      ...entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
    )
  }
  for (const file of files.map((file) => (file.startsWith(root) ? file.slice(root.length) : file)).sort()) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)))
  }
  return hash.digest('hex')
}

function ifMissing(error) {
  if (error.code !== 'ENOENT') throw error
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireNode()
  await tellFailure(async () => {
    await ensurePackages()
    await ensureBuilt({ force: process.argv.includes('--force') })
  })
}
