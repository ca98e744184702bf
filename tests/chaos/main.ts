/**
 * `npm run chaos -- [--jobs 500] [--seed 1] [--every 3000] [--json FILE]`: the long form of chaos.test.ts. Ends with 1 when a
 * job is lost, duplicated or different, or something is left behind.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '3000' },
    json: { type: 'string' },
  },
})
// Its processes end through their `exit` listeners, which a signal alone does not call.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const folder = await mkdtemp(join(tmpdir(), 'mosaicme-chaos-'))
try {
  const counts = await runChaos({
    folder,
    jobs: Number(values.jobs),
    seed: Number(values.seed),
    every: Number(values.every),
    events: ['temporal', 'flush', 'disk', 'api', 'deploy', 'store', 'cache'],
    s3Faults: 0.03,
    say: (line) => console.log(line),
  })
  console.log(counts)
  if (values.json) await writeFile(values.json, JSON.stringify(counts))
  const { jobs, succeeded, different, repeatedJobs, repeatedSteps, orphans, inGallery, mosaics } = counts
  const wrong = [jobs - succeeded, different, repeatedJobs, repeatedSteps, orphans.length]
  const left = counts.leftFiles.length + counts.leftProcesses.length
  if (wrong.some((count) => count > 0) || left > 0 || inGallery !== mosaics) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
