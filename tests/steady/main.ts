/**
 * `npm run build && npx tsx tests/steady/main.ts [--minutes 60] [--load 0.7] [--measure 30] [--json FILE]`: `mosaicme up` as people
 * start it, asked for 70 % of what it can do. Ends with 1 when it does not stay as it was, or a job is lost.
 *
 * What it sees goes to tests/output/steady-*.jsonl on the way. `--from FILE` judges such a file, of a run that was cut, too.
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
    /** Seconds in which it is measured what it can do. */
    measure: { type: 'string', default: '30' },
    json: { type: 'string' },
    from: { type: 'string' },
  },
})
let tidy = () => {}
// Its processes end with it, by their `exit` listeners, which a signal alone does not call; then what they wrote to goes.
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

/** @returns the file of what it saw */
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
      // At once: nothing of it is lost when the run is cut.
      write: (line) => appendFileSync(file, `${JSON.stringify(line)}\n`),
      say: (line) => console.log(line),
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return file
}
