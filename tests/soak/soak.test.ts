/** The short form; the long one is `npm run soak`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSoak } from './soak.ts'
import { openStage, type Stage } from './stage.ts'

let folder: string
let stage: Stage
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-soak-'))
  stage = await openStage(folder)
}, 180_000)
afterAll(async () => {
  await stage?.stop()
  await rm(folder, { recursive: true, force: true })
})

test.for([
  ['mentions', 3],
  ['stream', 4],
] as const)(
  'every post gets one mosaic and one answer, whatever X and the machine do: by %s',
  { timeout: 180_000 },
  async ([mode, seed]) => {
    const said: string[] = []
    const counts = await runSoak(stage, {
      ...{ seed, mode, posts: 6, seconds: 4, faults: 0.15, kills: 2, down: 1, patience: 90 },
      say: (line) => said.push(line),
    })
    expect(counts, said.join('\n')).toMatchObject({
      ...{ mosaics: 6, answers: 6, withoutMosaic: 0, unanswered: 0, twice: 0, published: 6, otherwise: 0 },
      kills: 2,
    })
  },
)
