/** Threads release unused shared memory, although they create no garbage that would start a collection. */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, it } from 'vitest'
import { closeThreads } from '../../engine/index.ts'
import { runOnThreads } from '../../engine/threads.ts'

afterAll(closeThreads)

const pages = 256
const memories = 120

/** In GB. V8 reserves ten of them for each WebAssembly memory. */
const addressSpace = () =>
  Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 2 ** 20

it.runIf(process.platform === 'linux')('threads keep the memory of a few mosaics, not of all', async () => {
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
  // What threads may keep, and a few memories that V8 has not collected yet; without collection it would be all 120.
  expect(most).toBeLessThan(memories * 10 * 0.6)
})
