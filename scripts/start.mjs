/** `npm start`: from a fresh clone to a running mosaicme. What follows `--` goes to `mosaicme up`. */
import { ensureBuilt } from './build.mjs'
import { requireNode } from './node-version.mjs'
import { ensurePackages } from './packages.mjs'
import { tellFailure } from './run.mjs'

requireNode()
await tellFailure(async () => {
  await ensurePackages()
  await ensureBuilt()
})
// In this process, not in a child of it: a signal reaches what it is meant for, once.
const { main } = await import('../dist/cli/main.js')
await main(['up', ...process.argv.slice(2)])
process.exit()
