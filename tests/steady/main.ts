/**
 * `npm run build && npx tsx tests/steady/main.ts [--minutes 60] [--load 0.7] [--measure 30] [--json FILE]`: runs `mosaicme up` at
 * 70 % of its capacity. Exits with 1 if its resources or response times grow, or a job is lost.
 *
 * Samples go to tests/output/steady-*.jsonl during the run. `--from FILE` evaluates such a file, even of an interrupted run.
 */
import { appendFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readRun } from './record.ts'
import { runSteady } from './steady.ts'
import { factsOf, tableOf, verdictOf } from './table.ts'
import { holds, judge, type SteadyCounts, windowsOf } from './verdict.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    load: { type: 'string', default: '0.7' },
    /** How long its capacity is measured, seconds. */
    measure: { type: 'string', default: '30' },
    json: { type: 'string' },
    from: { type: 'string' },
  },
})
let tidy = () => {}
// Its processes end through their `exit` listeners, which a signal alone does not call; then their output is closed.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.once('exit', tidy)
    process.exit(130)
  })

const run = await readRun(values.from ?? (await play()))
const findings = judge(run)
console.log(`\n${tableOf(run)}\n\n${factsOf(run)}\n\n${verdictOf(findings)}`)
for (const lost of run.lost.slice(0, 20)) console.log(lost)
const counts: SteadyCounts = {
  begin: run.begin,
  ...(run.end && { end: run.end }),
  windows: windowsOf(run),
  findings,
}
if (values.json) await writeFile(values.json, JSON.stringify(counts))
if (!holds(findings)) process.exitCode = 1

/** @returns the file with the samples */
async function play(): Promise<string> {
  const output = resolve(import.meta.dirname, '..', 'output')
  await mkdir(output, { recursive: true })
  const file = join(output, `steady-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.jsonl`)
  console.log(`what it sees: ${file}`)
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-steady-'))
  tidy = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    await runSteady({
      folder,
      minutes: Number(values.minutes),
      load: Number(values.load),
      measure: Number(values.measure),
      // Written at once, so that nothing is lost if the run is interrupted.
      write: (line) => appendFileSync(file, `${JSON.stringify(line)}\n`),
      say: (line) => console.log(line),
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return file
}
