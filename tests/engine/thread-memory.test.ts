/** Memory shared by threads is released when unused, although they create no garbage themselves. */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, it } from 'vitest'
import { closeThreads } from '../../engine/index.ts'
import { runOnThreads } from '../../engine/threads.ts'

afterAll(closeThreads)

const pages = 256
const memories = 120

/** V8 reserves ten gigabytes of address space for each memory of a kernel. */
const addressSpace = () =>
  Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 2 ** 20

it.runIf(process.platform === 'linux')('threads hold the memory of a few mosaics, not of all', async () => {
  setFlagsFromString('--expose-gc')
  const collectHere = runInNewContext('gc') as () => void
  const before = addressSpace()
  let [first, most] = [0, 0]
  for (let n = 1; n <= memories; n++) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true })
    first ||= addressSpace() - before
    await runOnThreads('ready', [{ space: { memory } }] as never, { threads: 1 })
    if (n % 20 > 0) continue
    collectHere()
    most = Math.max(most, addressSpace() - before)
  }
  expect(first).toBeGreaterThan(5)
  // As many as the threads may hold, and a few that V8 has not collected yet. Without collection it would be all of them.
  expect(most).toBeLessThan(memories * 10 * 0.6)
})
