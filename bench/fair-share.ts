/**
 * What a caller notices of another one who asks for ten times as much: the time of a modest caller's jobs, one after the other,
 * beside a caller with as many in flight (an equal share) and beside one with ten times as many, in turn.
 *
 *   npm run build && npx tsx bench/fair-share.ts [--jobs 40] [--mosaics 6] [--rounds 3]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '40' },
    mosaics: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
  },
})
const keys = { modest: 'the-key-of-the-modest-caller', busy: 'the-key-of-the-busy-caller' }
/** In flight: enough that one slot of a core is never without work of either caller. */
const modestly = 2

const noise = { type: 'gaussian', mean: 128, sigma: 25 } as const
const photo = await sharp({ create: { width: 2040, height: 1356, channels: 3, background: '#888', noise } })
  .blur(2)
  .jpeg({ quality: 88 })
  .toBuffer()
let copies = 0

async function done(url: string, key: string, job: object, signal?: AbortSignal): Promise<number> {
  const form = new FormData()
  // Bytes behind the picture's end change nothing but its hash: no result is there already.
  const bytes = Buffer.concat([photo, Buffer.from(`copy ${copies++}`)])
  form.set('image', new File([new Uint8Array(bytes)], 'photo.jpg', { type: 'image/jpeg' }))
  form.set('job', JSON.stringify(job))
  const headers = { Authorization: `Bearer ${key}`, Prefer: 'wait=60' }
  const started = performance.now()
  const answer = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: form,
    headers,
    signal: signal ?? null,
  })
  const { status } = (await answer.json()) as { status: string }
  if (status !== 'succeeded') throw new Error(`expected a job to succeed within 60 s, it is ${status}`)
  return performance.now() - started
}

/** @returns ms of each of the modest caller's jobs */
async function beside(url: string, job: object, count: number, others: number): Promise<number[]> {
  let over = false
  const busy = Array.from({ length: others }, async () => {
    while (!over) await done(url, keys.busy, job)
  })
  // Until the busy caller's work is there.
  await done(url, keys.modest, job)
  const times: number[] = []
  const modest = Array.from({ length: modestly }, async () => {
    while (times.length < count) times.push(await done(url, keys.modest, job))
  })
  await Promise.all(modest)
  over = true
  await Promise.all(busy)
  return times
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
    await done(server.url, keys.modest, job)
    const equal: number[] = []
    const ten: number[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      equal.push(...(await beside(server.url, job, count, modestly)))
      ten.push(...(await beside(server.url, job, count, modestly * 10)))
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
