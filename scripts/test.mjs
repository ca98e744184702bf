/**
 * `npm test`: sets up everything that the tests need and runs them. Arguments after `--` go to vitest.
 * The last line is `N passed, N failed`, followed by `, N skipped` if there are any.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
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

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-tally-'))
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
await rm(folder, { recursive: true, force: true })
// Vitest can fail for other reasons than a test, such as an error outside of all tests.
if (!ended && tally.failed === 0) tally.failed = 1
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`)
process.exit(tally.failed > 0 ? 1 : 0)
