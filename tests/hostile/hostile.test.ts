/** The corpus against a real service: every attack is answered cheaply and leaves nothing behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { type Assault, startAssault } from './assault.ts'
import { corpus } from './corpus.ts'
import { isExpected } from './hostile-case.ts'

let folder: string
let assault: Assault
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-hostile-'))
  assault = await startAssault({
    DATA_DIR: folder,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: suiteNamespace(),
  })
})
afterAll(async () => {
  await assault?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Every third: all take 15 s of CPU, and `npm run hostile` runs them. */
const chosen = corpus.filter((_, at) => at % 3 === 0)

/** The service's CPU limit for one attack. */
const mostCpuSeconds = 2

it('has the documented number of attacks, with unique names', () => {
  expect(chosen.length).toBeGreaterThanOrEqual(60)
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length)
})

it.each(chosen.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const { outcome, cpuSeconds } = await assault.run(one)
  expect(isExpected(one, outcome), `${outcome} came, ${String(one.expected)} was expected`).toBe(true)
  expect(cpuSeconds).toBeLessThan(mostCpuSeconds)
})

it('afterwards it is the same process, its memory is released, no location has leaked and no 500 was logged', async () => {
  await assault.settle()
  const { before, after, leaks } = await assault.account()
  expect(leaks).toEqual([])
  expect(after.pid).toBe(before.pid)
  expect(after.rss / before.rss).toBeLessThan(1.2)
  expect(assault.errors()).toEqual([])
})
