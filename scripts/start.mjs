/**
 * `npm start`: from a fresh clone to a running mosaicme. What follows `--` goes to `mosaicme up`.
 *
 * package.json uses `exec node ...`, because npm sends signals to its shell, which would die alone and leave us running.
 */
import { ensureBuilt } from './build.mjs'
import { endWithReader } from './closed-output.mjs'
import { requireNode } from './node-version.mjs'
import { ensurePackages } from './packages.mjs'
import { tellFailure } from './run.mjs'

requireNode()
endWithReader()
await tellFailure(async () => {
  await ensurePackages()
  await ensureBuilt()
})
if (process.env.npm_lifecycle_event === 'start') endWithParent()
// In this process, not in a child, so that each signal arrives exactly once.
const { main } = await import('../dist/bundled/mosaicme.js')
await main(['up', ...process.argv.slice(2)])
process.exit()

/** An npm that is killed with SIGKILL cannot forward the signal. */
function endWithParent() {
  const npm = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}
