/**
 * `npm test`: sets up everything that the tests need and runs them. Arguments after `--` go to vitest.
 * The last line is `N passed, N failed`, followed by `, N skipped` if there are any.
 */
import { mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { requireNode } from './node-version.mjs'
import { ensurePackages } from './packages.mjs'
import { root, run, tellFailure } from './run.mjs'
import { ensureTestServers } from './test-servers.mjs'

requireNode()
const env = await tellFailure(async () => {
  await ensurePackages()
  await ensureBuilt()
  return await ensureTestServers()
})

// Built from the sources under test, or verified to be, above.
env.MOSAICME_BUILT = join(root, 'dist')

const folder = await mkdtemp(join((await inMemory()) ?? tmpdir(), 'mosaicme-test-'))
env.TMPDIR = folder
const tallyFile = join(folder, 'tally.json')
let ended = true
try {
  await run(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${join(root, 'scripts', 'tally.mjs')}`,
      ...process.argv.slice(2),
    ],
    { env: { ...process.env, ...env, MOSAICME_TALLY: tallyFile } },
  )
} catch {
  ended = false // vitest has reported why.
}
const tally = await readFile(tallyFile, 'utf8').then(JSON.parse, () => ({ passed: 0, failed: 1, skipped: 0 }))
await rm(folder, { recursive: true, force: true, maxRetries: 5 })
// Vitest can fail for other reasons than a test, such as an error outside of all tests.
if (!ended && tally.failed === 0) tally.failed = 1
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`)
process.exit(tally.failed > 0 ? 1 : 0)

/**
 * Where files lie in memory, if there is such a place with room for the suites' and programs may run from it. Object stores
 * wait for the disk with each object, and browsers draw by way of files; no suite cuts the power.
 */
async function inMemory() {
  const place = '/dev/shm'
  try {
    const { bavail, bsize } = await statfs(place)
    const mounted = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' '))
    const [, , , options = ''] = mounted.findLast(([, folder]) => folder === place) ?? []
    const isFit = options.split(',').includes('rw') && !options.split(',').includes('noexec')
    return isFit && bavail * bsize > 4 * 2 ** 30 ? place : undefined
  } catch {
    return undefined // No Linux.
  }
}
