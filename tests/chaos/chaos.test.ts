/** The short form; the long one is `npm run chaos`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runChaos } from './chaos.ts'

test('every job is done once and correctly although workers and servers are killed', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-chaos-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const said: string[] = []
  const counts = await runChaos({
    folder,
    jobs: 10,
    seed: 7,
    every: 2_500,
    events: ['flush', 'api', 'temporal'],
    s3Faults: 0.05,
    say: (line) => said.push(line),
  })
  expect(counts, said.join('\n')).toMatchObject({
    succeeded: 10,
    different: 0,
    repeatedJobs: 0,
    repeatedSteps: 0,
    orphans: [],
    leftFiles: [],
    leftProcesses: [],
    inGallery: counts.mosaics,
  })
  expect(counts.events.length).toBeGreaterThan(1)
  // The number of kills depends on the machine's speed: the next one waits until everything is up again.
  expect(counts.workersKilled).toBeGreaterThan(0)
  expect(Object.values(counts.s3Faults).reduce((sum, count) => sum + count)).toBeGreaterThan(0)
})
