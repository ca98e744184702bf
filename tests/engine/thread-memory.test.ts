/** What threads share is let go when it is used no more, although they make no garbage of their own. */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, it } from 'vitest'
import { closeThreads } from '../../engine/index.ts'
import { runOnThreads } from '../../engine/threads.ts'

afterAll(closeThreads)

const pages = 256
const memories = 80

/** V8 reserves ten gigabytes of addresses for each memory of a kernel. */
const addressSpace = () =>
  Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 2 ** 20

it.runIf(process.platform === 'linux')('threads hold the memory of a few mosaics, not of all', async () => {
  setFlagsFromString('--expose-gc')
  const collectHere = runInNewContext('gc') as () => void
  const before = addressSpace()
  let held = 0
  for (let n = 0; n < memories; n++) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true })
    await runOnThreads('ready', [{ space: { memory } }] as never, { threads: 1 })
    collectHere()
    held = Math.max(held, (addressSpace() - before) / 10)
  }
  expect(held).toBeGreaterThan(2)
  expect(held).toBeLessThan(memories / 2)
})
