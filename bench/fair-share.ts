/**
 * The effect of a caller with ten times the load on another: latencies of a modest caller's jobs, two in
 * flight, next to an equal caller, which leaves it half of the machine, and next to one with twenty in
 * flight, alternating.
 *
 *   npm run build && npx tsx bench/fair-share.ts [--jobs 40] [--mosaics 6] [--rounds 3]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { askOnce, keepAsking } from './fairness/caller.ts'
import { startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '40' },
    mosaics: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
  },
})
const keys = { modest: 'the-key-of-the-modest-caller', busy: 'the-key-of-the-busy-caller' }
/** Jobs in flight: enough to keep one core busy. */
const modestly = 2

/**
 * The other caller is a separate process, like one on another machine, so that neither delays the other's
 * client.
 * @returns latencies of the modest caller's jobs, ms
 */
async function latenciesNextTo(url: string, job: object, count: number, others: number): Promise<number[]> {
  const script = fileURLToPath(new URL('./fairness/other-caller.ts', import.meta.url))
  const other = fork(script, [JSON.stringify({ url, key: keys.busy, job }), String(others)])
  const leave = () => other.kill()
  process.once('exit', leave)
  const end = ended(other)
  await Promise.race([once(other, 'message'), end])
  const modest = { url, key: keys.modest, job }
  await askOnce(modest)
  let left = count
  const times = await keepAsking(modest, modestly, () => left-- <= 0)
  if (other.connected) other.send('over')
  await end
  process.off('exit', leave)
  return times
}

/**
 * Resolves when the process exits successfully.
 * @throws when it fails
 */
async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`expected the other caller to get its jobs done, it ended with ${code}`)
}

const quantile = (times: number[], q: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * q)]!

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-fair-'))
const server = await startMosaicme(resolve(import.meta.dirname, '..'), folder, {
  API_KEYS: Object.values(keys).join(','),
})
try {
  console.log(
    '| jobs | beside | p50 ms | p95 ms | mean ms | of an equal caller |\n| --- | --- | --- | --- | --- | --- |',
  )
  for (const [name, job, count] of [
    ['resizes', { type: 'resize', width: 512 }, Number(values.jobs)],
    ['mosaics', { type: 'mosaic', scale: 2 }, Number(values.mosaics)],
  ] as const) {
    if (count === 0) continue
    await askOnce({ url: server.url, key: keys.modest, job })
    const equal: number[] = []
    const ten: number[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      equal.push(...(await latenciesNextTo(server.url, job, count, modestly)))
      ten.push(...(await latenciesNextTo(server.url, job, count, modestly * 10)))
    }
    const mean = (times: number[]) => times.reduce((a, b) => a + b, 0) / times.length
    for (const [who, times] of [
      ['an equal caller', equal],
      ['ten times as much', ten],
    ] as const)
      console.log(
        `| ${name} | ${who} | ${quantile(times, 0.5).toFixed(0)} | ${quantile(times, 0.95).toFixed(0)} | ${mean(times).toFixed(0)} | ${(mean(times) / mean(equal)).toFixed(2)} |`,
      )
  }
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
