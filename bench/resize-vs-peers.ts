/**
 * Resizing compared with bare sharp, ipx (npm) and thumbor (PyPI) in one run on the same real photos: 2040 x
 * 1356 JPEG to 512 px.
 *
 *   npm run build
 *   npm i --prefix PEERS ipx && python3 -m venv PEERS/venv && PEERS/venv/bin/pip install thumbor
 *   npx tsx bench/resize-vs-peers.ts --peers PEERS [--rounds 3] [--bulk 2000] [--formats jpeg,webp]
 *
 * Bare sharp is the upper bound: the same options, two in flight, no service around it. Rounds alternate, so
 * that other load affects all contenders equally; figures are those of the median round.
 */
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { signPath } from '../api/img/signature.ts'
import { resizePicture } from '../engine/index.ts'
import { type Figures, load, median } from './resize/load.ts'
import { photos } from './resize/photos.ts'
import {
  imgKey,
  type RunningServer,
  startBareSharp,
  startIpx,
  startMosaicme,
  startThumbor,
} from './resize/servers.ts'
import { take } from './resize/take.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    bulk: { type: 'string', default: '2000' },
    formats: { type: 'string', default: 'jpeg,png,webp,avif' },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-resize-bench') },
  },
})
const root = resolve(import.meta.dirname, '..')
const cores = availableParallelism()
const rounds = Number(values.rounds)
const formats = ['jpeg', 'png', 'webp', 'avif'] as const
type Format = (typeof formats)[number]
const quality = 80
/** The same effort for all contenders that can set it: see `engine/resize/encode.ts` for why 2. */
const avifEffort = 2
const perRound: Record<Format, number> = { jpeg: 120, png: 60, webp: 60, avif: 24 }

// Results of earlier runs would only be fetched.
await rm(join(values.work, 'data'), { recursive: true, force: true })
await mkdir(values.work, { recursive: true })
const folder = join(values.work, 'photos')
const all = await photos(folder, 24)
const photo = (n: number) => all[n % all.length]!

const bare = async (bytes: Uint8Array, format: Format, width = 512) =>
  await sharp(bytes)
    .autoOrient()
    .resize({ width })
    .toFormat(
      format,
      format === 'png' ? {} : format === 'avif' ? { quality, effort: avifEffort } : { quality },
    )
    .toBuffer()

interface Row {
  what: string
  rounds: Figures[]
  /** CPU ms per picture, which is independent of other load. */
  cpuMs?: number
  peak?: string
}

interface Contender {
  what: string
  work: (n: number) => Promise<unknown>
  /** CPU time so far, ms. */
  cpu?: () => number
  peak?: () => string
}

const own = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Alternates between contenders, so that all run under the same conditions. */
async function compare(count: number, clients: number, contenders: Contender[]): Promise<Row[]> {
  const rows: Row[] = contenders.map(({ what }) => ({ what, rounds: [] }))
  for (let round = 0; round < rounds; round++)
    for (const [at, { work, cpu }] of contenders.entries()) {
      const before = cpu?.() ?? 0
      rows[at]!.rounds.push(await load(count, clients, (n) => work(round * count + n)))
      if (cpu) rows[at]!.cpuMs = (rows[at]!.cpuMs ?? 0) + (cpu() - before) / (count * rounds)
    }
  for (const [at, { peak }] of contenders.entries()) if (peak) rows[at]!.peak = peak()
  return rows
}

function table(title: string, rows: Row[]): void {
  console.log(
    `\n${title}\n\n| | a second | of bare sharp | p50 ms | p95 ms | CPU ms each | peak RSS |\n| --- | --- | --- | --- | --- | --- | --- |`,
  )
  const base = median(rows[0]!.rounds).perSecond
  for (const { what, rounds: figures, cpuMs, peak = '' } of rows) {
    const { perSecond, p50, p95 } = median(figures)
    console.log(
      `| ${what} | ${perSecond.toFixed(1)} | ${(perSecond / base).toFixed(2)} | ${p50.toFixed(0)} | ${p95.toFixed(0)} | ${cpuMs?.toFixed(1) ?? ''} | ${peak} |`,
    )
  }
}

for (const format of formats.filter((one) => values.formats.split(',').includes(one))) {
  const rows = await compare(perRound[format], cores, [
    { what: 'bare sharp', cpu: own, work: (n) => bare(photo(n).bytes, format) },
    {
      what: 'engine',
      cpu: own,
      work: (n) =>
        resizePicture(photo(n).bytes, {
          width: 512,
          format,
          quality,
          ...(format === 'avif' && { effort: avifEffort }),
        }),
    },
  ])
  table(`The engine alone, ${format}, ${cores} in flight`, rows)
}

const servers: RunningServer[] = []
try {
  const mosaicme = await startMosaicme(root, values.work)
  servers.push(mosaicme)
  const http = await startBareSharp(folder, values.work)
  servers.push(http)
  const ipxBin = join(resolve(values.peers), 'node_modules', 'ipx', 'bin', 'ipx.mjs')
  const thumborBin = join(resolve(values.peers), 'venv', 'bin', 'thumbor')
  const ipx = existsSync(ipxBin) ? await startIpx(ipxBin, folder, values.work) : undefined
  if (ipx) servers.push(ipx)
  const thumbor = existsSync(thumborBin)
    ? await startThumbor(thumborBin, folder, values.work, cores)
    : undefined
  if (thumbor) servers.push(thumbor)
  const uploads = await Promise.all(all.map(({ bytes }) => upload(mosaicme, bytes)))

  await onTheFly({ mosaicme, http, ipx, thumbor }, uploads)
  await singleJobs(mosaicme, uploads)
  await bulkJob(mosaicme, uploads, Number(values.bulk))
} finally {
  await Promise.all(servers.map((server) => server.stop()))
}

async function upload({ url }: RunningServer, bytes: Uint8Array): Promise<string> {
  const answer = await fetch(`${url}/v1/uploads`, { method: 'POST', body: new Uint8Array(bytes) })
  return ((await answer.json()) as { upload: string }).upload
}

async function onTheFly(
  {
    mosaicme,
    http,
    ipx,
    thumbor,
  }: Record<'mosaicme' | 'http', RunningServer> & Record<'ipx' | 'thumbor', RunningServer | undefined>,
  uploads: string[],
): Promise<void> {
  const key = { key: Buffer.from(imgKey.key, 'hex'), salt: Buffer.from(imgKey.salt, 'hex') }
  let asked = 0
  const ours = (n: number, format: string) => {
    // A height that has no effect but is different for each request, so that nothing is cached.
    const effort = format === 'avif' ? `/ef:${Math.ceil(avifEffort / 0.9)}` : ''
    const path = `/w:512/q:${quality}${effort}/f:${format}/h:${1000 + asked++}/plain/upload:${uploads[n % uploads.length]}`
    return `${mosaicme.url}/img/${signPath(key, path)}${path}`
  }
  for (const format of ['jpeg', 'webp'] as const) {
    const rows = await compare(perRound[format], 2, [
      { what: 'bare sharp', cpu: own, work: (n) => bare(photo(n).bytes, format) },
      {
        what: 'bare sharp behind node:http, which keeps nothing',
        cpu: http.cpuMs,
        work: (n) => take(`${http.url}/${format}/${photo(n).name}`),
        peak: () => `${http.peakMb()} MB`,
      },
      {
        what: 'mosaicme /img/',
        cpu: mosaicme.cpuMs,
        work: (n) => take(ours(n, format)),
        peak: () => `${mosaicme.peakMb()} MB`,
      },
      ...(ipx
        ? [
            {
              what: 'ipx',
              cpu: ipx.cpuMs,
              work: (n: number) => take(`${ipx.url}/w_512,q_${quality},f_${format}/${photo(n).name}`),
              peak: () => `${ipx.peakMb()} MB`,
            },
          ]
        : []),
      ...(thumbor
        ? [
            {
              what: 'thumbor',
              cpu: thumbor.cpuMs,
              work: (n: number) =>
                take(
                  `${thumbor.url}/unsafe/512x0/filters:format(${format}):quality(${quality})/${photo(n).name}`,
                ),
              peak: () => `${thumbor.peakMb()} MB and its children`,
            },
          ]
        : []),
    ])
    table(`Over HTTP, 2 clients, nothing cached, ${format}`, rows)
  }
}

async function singleJobs({ url, peakMb }: RunningServer, uploads: string[]): Promise<void> {
  // Different widths: results of earlier jobs would be copied.
  const job = async (n: number) => {
    const body = {
      type: 'resize',
      input: { upload: uploads[n % uploads.length] },
      width: 400 + (n % 300),
      quality: 60 + Math.floor(n / 300),
    }
    const answer = await fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=30' },
      body: JSON.stringify(body),
    })
    if (answer.status !== 200)
      throw new Error(`expected a finished job, got ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
  }
  let done = 0
  const next = () => job(done++)
  await load(20, 2, next)
  for (const [clients, title] of [
    [1, 'Durable jobs with Prefer: wait, one after the other'],
    [8, 'Durable jobs with Prefer: wait, 8 clients, Temporal on the same cores'],
  ] as const) {
    const rows = await compare(80, clients, [
      { what: 'bare sharp', cpu: own, work: (n) => bare(photo(n).bytes, 'jpeg', 400 + (n % 300)) },
      { what: 'mosaicme', work: next, peak: () => `${peakMb()} MB` },
    ])
    table(title, rows)
  }
}

async function bulkJob({ url, peakMb }: RunningServer, uploads: string[], count: number): Promise<void> {
  const out = join(values.work, 'out')
  await mkdir(out, { recursive: true })
  const sample = Math.min(count, 400)
  const before = await load(sample, cores, async (n) =>
    writeFile(join(out, `${n}.jpg`), await bare(photo(n).bytes, 'jpeg')),
  )
  const started = performance.now()
  const input = {
    uploads: Array.from({ length: count }, (_, n) => ({ upload: uploads[n % uploads.length] })),
  }
  const answer = await fetch(`${url}/v1/bulk`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input, width: 512, format: 'jpeg', quality }),
  })
  let { id, status } = (await answer.json()) as { id: string; status: string }
  while (status === 'queued' || status === 'processing')
    ({ id, status } = (await (
      await fetch(`${url}/v1/jobs/${id}`, { headers: { Prefer: 'wait=60' } })
    ).json()) as { id: string; status: string })
  if (status !== 'succeeded') throw new Error(`expected the bulk job ${id} to succeed, it has ${status}`)
  const perSecond = count / ((performance.now() - started) / 1000)
  const after = await load(sample, cores, async (n) =>
    writeFile(join(out, `${n}.jpg`), await bare(photo(n).bytes, 'jpeg')),
  )
  const base = (before.perSecond + after.perSecond) / 2
  console.log(
    `\nA bulk job of ${count} photos, store, Temporal and workers included: ${perSecond.toFixed(1)} a second, ` +
      `${(perSecond / base).toFixed(2)} of bare sharp that writes files (${base.toFixed(1)}); peak RSS ${peakMb()} MB`,
  )
}
