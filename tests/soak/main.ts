/**
 * `npm run soak -- [--posts 200] [--seconds 600] [--seed 1] [--mode mentions|stream] [--kills 60]`: the long form of
 * soak.test.ts. Exits with 1 if a post is lost or answered twice.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runSoak } from './soak.ts'
import { openStage } from './stage.ts'

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    mode: { type: 'string', default: 'mentions' },
    kills: { type: 'string', default: '40' },
    faults: { type: 'string', default: '0.2' },
    down: { type: 'string', default: '20' },
    json: { type: 'string' },
    patience: { type: 'string', default: '180' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'mosaicme-soak-'))
try {
  await using stage = await openStage(folder)
  const counts = await runSoak(stage, {
    posts: Number(values.posts),
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    mode: values.mode === 'stream' ? 'stream' : 'mentions',
    faults: Number(values.faults),
    kills: Number(values.kills),
    down: Number(values.down),
    patience: Number(values.patience),
    say: (line) => console.log(line),
  })
  console.log(counts)
  if (values.json) await writeFile(values.json, JSON.stringify(counts))
  const { withoutMosaic, unanswered, twice, otherwise } = counts
  if (withoutMosaic + unanswered + twice + otherwise > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
