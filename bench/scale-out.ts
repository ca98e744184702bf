/**
 * Separate workers: resize jobs a second by number of worker processes, with Temporal on SQLite and on
 * PostgreSQL. API, workers, Temporal, an S3 server and Redis are separate processes, as in a deployment, but
 * all on this machine's cores.
 *
 *   npm run build && npx tsx bench/scale-out.ts [--workers 1,2,4] [--jobs 160] [--rounds 3] [--on sqlite,postgresql]
 *
 * See bench/temporal/postgresql.ts for what PostgreSQL needs. CPU is read from /proc: Linux only.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { freePort } from '../cli/free-port.ts'
import { Service } from '../tests/chaos/service.ts'
import { cpuMs, family, memoryMb } from '../tests/processes.ts'
import { startRedis } from '../tests/servers/redis.ts'
import { startS3 } from '../tests/servers/s3.ts'
import { startTemporal } from '../tests/servers/temporal.ts'
import { type Figures, load, median } from './resize/load.ts'
import { startOnPostgresql } from './temporal/postgresql.ts'

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4' },
    jobs: { type: 'string', default: '160' },
    rounds: { type: 'string', default: '3' },
    on: { type: 'string', default: 'sqlite,postgresql' },
  },
})
const jobs = Number(values.jobs)
const clients = 8

interface Backend {
  address: string
  pids: number[]
  stop(): Promise<unknown>
}

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-scale-'))
const backends: Record<string, () => Promise<Backend>> = {
  sqlite: async () => {
    const server = await startTemporal({ dbFile: join(folder, 'temporal.db') })
    return { address: server.address, pids: [server.pid], stop: () => server.stop() }
  },
  postgresql: async () => {
    const server = await startOnPostgresql()
    return {
      address: server.address,
      pids: [server.pids.temporal, server.pids.postgresql],
      stop: () => server.stop(),
    }
  },
}

const noise = { type: 'gaussian', mean: 128, sigma: 25 } as const
const photo = await sharp({ create: { width: 2040, height: 1356, channels: 3, background: '#888', noise } })
  .blur(2)
  .jpeg({ quality: 88 })
  .toBuffer()
/** Trailing bytes only change the picture's hash, so that no earlier result is reused. */
let copies = 0
const another = () =>
  new File([new Uint8Array(photo), `copy ${copies++}`], 'photo.jpg', { type: 'image/jpeg' })

async function resizeJob(url: string): Promise<void> {
  const form = new FormData()
  form.set('image', another())
  form.set('job', JSON.stringify({ type: 'resize', width: 512, quality: 80 }))
  const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', body: form, headers: { Prefer: 'wait=30' } })
  const job = (await answer.json()) as { status: string }
  if (job.status !== 'succeeded')
    throw new Error(`expected a resized picture within 30 s, the job is ${JSON.stringify(job)}`)
}

async function ready(url: string, seconds = 60): Promise<void> {
  for (const until = Date.now() + seconds * 1000; ; await delay(200)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    if (Date.now() > until) throw new Error(`expected ${url} to be ready within ${seconds} s`)
  }
}

async function measure(backend: Backend, count: number): Promise<string> {
  const s3 = await startS3({ port: await freePort(), folder: await mkdtemp(join(folder, 's3-')) })
  const redis = await startRedis()
  const port = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const own = async (name: string) => {
    const data = join(folder, `${count}-${name}-${port}`)
    await mkdir(data, { recursive: true })
    return {
      ...{ PATH, HOME, DATA_DIR: data, LOG_LEVEL: 'error', NODE_NO_WARNINGS: '1' },
      ...{ TEMPORAL_ADDRESS: backend.address, REDIS_URL: redis.url },
      ...{ S3_ENDPOINT: s3.endpoint, S3_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey },
    }
  }
  const api = new Service('api', ['up', '--queues', 'none'], { ...(await own('api')), PORT: `${port}` })
  const workers = await Promise.all(
    Array.from(
      { length: count },
      async (_, n) =>
        new Service(`worker ${n}`, ['worker'], { ...(await own(`worker-${n}`)), LOG_LEVEL: 'info' }),
    ),
  )
  try {
    const url = `http://127.0.0.1:${port}`
    while (!workers.every(({ working }) => working)) await delay(200)
    await ready(url)
    await load(jobs / 4, clients, () => resizeJob(url))
    const cpu = () => ({
      temporal: sum(backend.pids.map(familyCpuMs)),
      api: cpuMs(api.pid!),
      workers: sum(workers.map(({ pid }) => cpuMs(pid!))),
    })
    const before = cpu()
    const rounds: Figures[] = []
    for (let round = 0; round < Number(values.rounds); round++)
      rounds.push(await load(jobs, clients, () => resizeJob(url)))
    const after = cpu()
    const each = (name: keyof typeof after) =>
      ((after[name] - before[name]) / (jobs * rounds.length)).toFixed(0)
    const { perSecond, p50, p95 } = median(rounds)
    const spread =
      (Math.max(...rounds.map((one) => one.perSecond)) / Math.min(...rounds.map((one) => one.perSecond)) -
        1) *
      100
    return (
      `${count} | ${perSecond.toFixed(1)} | ${spread.toFixed(0)} % | ${p50.toFixed(0)} | ${p95.toFixed(0)} | ` +
      `${each('temporal')} | ${each('api')} | ${each('workers')} | ${Math.max(...workers.map(({ pid }) => memoryMb(pid!, 'VmRSS')))}`
    )
  } finally {
    await Promise.all([...workers, api].map((service) => service.stop()))
    await Promise.all([s3.stop(), redis.stop()])
  }
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)

/** PostgreSQL has a process per connection. */
const familyCpuMs = (pid: number) => sum(family(pid).map(({ cpuMs }) => cpuMs))

try {
  for (const name of values.on.split(',')) {
    const start = backends[name]
    if (!start) throw new Error(`expected --on of ${Object.keys(backends).join(', ')}, got ${name}`)
    const backend = await start()
    console.log(
      `\nTemporal on ${name}, ${clients} clients; CPU in ms of a job\n\n| workers | jobs/s | spread | p50 ms | p95 ms | Temporal | API | workers | MB of a worker |\n` +
        '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    )
    for (const count of values.workers.split(',').map(Number))
      console.log(`| ${await measure(backend, count)} |`)
    await backend.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
