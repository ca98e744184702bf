/**
 * The cost of durability: latency of a resize through Temporal compared with bare sharp on the same bytes in
 * the same run; jobs a second; CPU by process; resizes while mosaics keep the machine busy, and while
 * processes just spin; two hundred watchers of one job.
 *
 *   npm run build && npx tsx bench/durable-path.ts [--jobs 100] [--photo FILE] [--temporal HOST:PORT]
 *
 * `--temporal`: your own server, such as one on PostgreSQL, instead of the dev server with its SQLite file;
 * `--memory`: the dev server without a file. CPU is read from /proc: Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { freePort } from '../cli/free-port.ts'
import { yieldCpu } from '../engine/apart/yield-cpu.ts'
import { cpuMs, family, wordsOf } from '../tests/processes.ts'
import { startTemporal } from '../tests/servers/temporal.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100' },
    photo: { type: 'string' },
    temporal: { type: 'string' },
    memory: { type: 'boolean', default: false },
  },
})
const jobs = Number(values.jobs)
const atATime = 8
const watchers = 200
/** Duration of each latency measurement. */
const quietMs = 6_000

/** 2040 x 1356, like a camera's: the given photo, or noise over a gradient. */
async function makePhoto(): Promise<Buffer> {
  if (values.photo)
    return await sharp(await readFile(values.photo))
      .resize(2040, 1356, { fit: 'cover' })
      .jpeg({ quality: 88 })
      .toBuffer()
  const noise = { type: 'gaussian', mean: 128, sigma: 25 } as const
  return await sharp({ create: { width: 2040, height: 1356, channels: 3, background: '#888', noise } })
    .blur(2)
    .jpeg({ quality: 88 })
    .toBuffer()
}

/** Trailing bytes only change the picture's hash, so that no earlier result is reused. */
let copies = 0
const another = (photo: Buffer) => Buffer.concat([photo, Buffer.from(`copy ${process.pid}.${copies++}`)])

const quantile = (times: number[], q: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * q)]!
const ms = (value: number) => `${value.toFixed(0)} ms`
async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await task()
  return performance.now() - started
}

async function start(
  dataDir: string,
  address: string | undefined,
): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort()
  const command = fileURLToPath(new URL('../scripts/mosaicme.mjs', import.meta.url))
  const child = spawn(process.execPath, [command, 'up'], {
    env: {
      ...process.env,
      ...{ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' },
      ...(address !== undefined && { TEMPORAL_ADDRESS: address }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (text) => String(text).includes('is ready after') && resolve())
    child.once('exit', () => reject(new Error('expected a start, it ended')))
  })
  return { child, url: `http://127.0.0.1:${port}` }
}

async function post(
  url: string,
  photo: Buffer,
  job: object,
  wait: number,
): Promise<{ id: string; status: string }> {
  const form = new FormData()
  form.set('image', new File([new Uint8Array(photo)], 'photo.jpg', { type: 'image/jpeg' }))
  form.set('job', JSON.stringify(job))
  const answer = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: form,
    ...(wait > 0 && { headers: { Prefer: `wait=${wait}` } }),
  })
  if (!answer.ok) throw new Error(`expected a job, got ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as { id: string; status: string }
}

async function resizeJob(url: string, photo: Buffer): Promise<void> {
  const { status } = await post(url, photo, { type: 'resize', width: 512, quality: 80 }, 30)
  if (status !== 'succeeded') throw new Error(`expected a resized picture within 30 s, the job is ${status}`)
}
const bareSharp = (photo: Buffer) => sharp(photo).autoOrient().resize(512).jpeg({ quality: 80 }).toBuffer()

/** Latencies of consecutive resizes, ms. */
async function resizesDuring(url: string, task: Promise<unknown>): Promise<number[]> {
  let over = false
  const ended = task.finally(() => {
    over = true
  })
  const times: number[] = []
  while (!over) times.push(await timed(() => resizeJob(url, another(photo))))
  await ended
  return times
}

/** One idle loop per core: the lower bound for anything that yields the CPU. */
function beginSpinning(): ChildProcess[] {
  return Array.from({ length: availableParallelism() }, () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore', detached: true })
    process.once('exit', () => child.kill('SIGKILL'))
    yieldCpu(child.pid!)
    return child
  })
}

const photo = await makePhoto()
const folder = await mkdtemp(join(tmpdir(), 'mosaicme-durable-'))
const inMemory = values.memory ? await startTemporal() : undefined
const { child, url } = await start(folder, values.temporal ?? inMemory?.address)
try {
  for (let i = 0; i < 10; i++) {
    await resizeJob(url, another(photo))
    await bareSharp(photo)
  }

  const bare: number[] = []
  const durable: number[] = []
  for (let i = 0; i < jobs; i++) {
    // Alternating, so that both run under the same conditions.
    bare.push(await timed(() => bareSharp(photo)))
    durable.push(await timed(() => resizeJob(url, another(photo))))
  }
  const added = (q: number) => quantile(durable, q) - quantile(bare, q)
  console.log(
    `one at a time: durable p50 ${ms(quantile(durable, 0.5))}, p95 ${ms(quantile(durable, 0.95))}; ` +
      `bare sharp ${ms(quantile(bare, 0.5))}, ${ms(quantile(bare, 0.95))}; ` +
      `added ${ms(added(0.5))}, ${ms(added(0.95))}`,
  )

  // The last one, because its parent process has the same arguments.
  const temporal = family(child.pid!).findLast(({ pid }) => wordsOf(pid).includes('start-dev'))
  const cpu = () => ({ app: cpuMs(child.pid!), temporal: temporal ? cpuMs(temporal.pid) : 0 })
  const before = cpu()
  const together = Array.from({ length: atATime }, async () => {
    for (let i = 0; i < jobs / atATime; i++) await resizeJob(url, another(photo))
  })
  const took = (await timed(() => Promise.all(together))) / 1000
  const after = cpu()
  const bareTook = await timed(() =>
    Promise.all(
      [1, 2].map(async () => {
        for (let i = 0; i < jobs / 2; i++) await bareSharp(photo)
      }),
    ),
  )
  const bareRate = jobs / (bareTook / 1000)
  console.log(
    `${atATime} at a time: ${(jobs / took).toFixed(1)} jobs/s, ${((jobs / took / bareRate) * 100).toFixed(0)} % of bare ` +
      `sharp's ${bareRate.toFixed(1)}/s; CPU per job: app ${ms((after.app - before.app) / jobs)}` +
      (temporal ? `, Temporal ${ms((after.temporal - before.temporal) / jobs)}` : ''),
  )

  const mosaic = { type: 'mosaic', scale: 4 }
  await post(url, photo, mosaic, 60)
  const idle = await resizesDuring(url, delay(quietMs))
  const spinning = beginSpinning()
  const nextToSpinning = await resizesDuring(url, delay(quietMs))
  for (const one of spinning) one.kill('SIGKILL')
  const made = Array.from({ length: 8 }, () => post(url, another(photo), mosaic, 60))
  const busy = await resizesDuring(url, Promise.all(made))
  idle.push(...(await resizesDuring(url, delay(quietMs))))
  const summary = (times: number[]) => {
    const ratio = (q: number) => (quantile(times, q) / quantile(idle, q)).toFixed(1)
    return `p50 ${ms(quantile(times, 0.5))}, p95 ${ms(quantile(times, 0.95))} of ${times.length}: ${ratio(0.5)} and ${ratio(0.95)} times`
  }
  console.log(`a resize at a time, idle: ${summary(idle)}`)
  console.log(
    `beside ${spinning.length} processes that only spin, at a mosaic's priority: ${summary(nextToSpinning)}`,
  )
  console.log(`while mosaics are made: ${summary(busy)}`)

  const { id } = await post(url, another(photo), mosaic, 0)
  const cpuBefore = cpuMs(child.pid!)
  const seen = await Promise.all(
    Array.from({ length: watchers }, async () => {
      const answer = await fetch(`${url}/v1/jobs/${id}/events`)
      let received = ''
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) received += text
      return { at: Date.now(), done: received.includes('event: done') }
    }),
  )
  const job = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as { completed_at: string }
  const late = seen.map(({ at }) => at - Date.parse(job.completed_at))
  console.log(
    `${watchers} watchers of one mosaic: ${seen.filter(({ done }) => done).length} saw its end, p50 ` +
      `${ms(quantile(late, 0.5))}, last ${ms(Math.max(...late))} after it; CPU of the app meanwhile, mosaic included: ` +
      `${((cpuMs(child.pid!) - cpuBefore) / 1000).toFixed(1)} s`,
  )
} finally {
  child.kill('SIGTERM')
  await once(child, 'exit')
  await inMemory?.stop()
  await rm(folder, { recursive: true, force: true })
}
