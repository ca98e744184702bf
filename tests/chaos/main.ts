/**
 * `npm run chaos -- [--jobs 200] [--seed 1] [--every 3000]`: the long form of chaos.test.ts. Ends with 1 when a job is
 * lost, made twice or different.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '3000' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'mosaicme-chaos-'))
try {
  const counts = await runChaos({
    folder,
    jobs: Number(values.jobs),
    seed: Number(values.seed),
    every: Number(values.every),
    servers: ['temporal', 'api', 'store', 'cache'],
    say: (line) => console.log(line),
  })
  console.log(counts)
  const { jobs, succeeded, different, repeatedJobs, repeatedSteps, orphans, inGallery, mosaics } = counts
  const lost = jobs - succeeded
  if (lost + different + repeatedJobs + repeatedSteps + orphans.length > 0 || inGallery !== mosaics)
    process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
