/**
 * Peak memory of a process that resizes 36-megapixel JPEGs, four at once. With `--jobs`: how much the memory
 * of `mosaicme up` grows after warm-up over this many jobs; exits with 1 above 10 %.
 *
 *   npm run build && npx tsx bench/resize-memory.ts [--photos 24]
 *   npm run build && npx tsx bench/resize-memory.ts --jobs 5000 [--warm 1000]
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'
import { memoryMb } from '../tests/processes.ts'
import { load } from './resize/load.ts'
import { photos } from './resize/photos.ts'
import { startMosaicme } from './resize/servers.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '24' },
    jobs: { type: 'string' },
    warm: { type: 'string', default: '1000' },
  },
})
const [file] = positionals
/** Jobs until caches are full and the allocator has settled. */
const warmAfter = Number(values.warm)
const clients = 4
/** Jobs between two samples. Memory fluctuates with garbage collection, so single samples say little. */
const between = 100
/** Allowed growth, as a fraction. */
const allowed = 0.1

if (file) await underMeasure(file, Number(values.photos))
else if (values.jobs) await drift(Number(values.jobs))
else await measure()

/** In a separate process that only resizes. */
async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-memory-'))
  try {
    const path = join(folder, 'large.jpg')
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
    const grain = sharp({ create: { width: 1500, height: 1000, channels: 3, background: '#777', noise } })
    await writeFile(path, await grain.resize(7360, 4912).jpeg({ quality: 88 }).toBuffer())
    const argv = [...process.execArgv, resolve(process.argv[1]!), path, '--photos', values.photos]
    const { stdout } = await promisify(execFile)(process.execPath, argv)
    console.log(stdout.trim())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function underMeasure(path: string, count: number): Promise<void> {
  const { resizePicture } = await import('../engine/index.ts')
  let next = 0
  const lane = async () => {
    while (next++ < count) await resizePicture(readFileSync(path), { width: 1024, quality: 80 })
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  console.log(
    `${count} JPEGs of 36 megapixels to 1,024 px, 4 at once: peak RSS ${memoryMb('self', 'VmHWM')} MB`,
  )
}

async function drift(jobs: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-drift-'))
  const server = await startMosaicme(resolve(import.meta.dirname, '..'), folder)
  try {
    const uploads = await Promise.all(
      (await photos(join(tmpdir(), 'mosaicme-resize-bench', 'photos'), 24)).map(async ({ bytes }) => {
        const answer = await fetch(`${server.url}/v1/uploads`, {
          method: 'POST',
          body: new Uint8Array(bytes),
        })
        return ((await answer.json()) as { upload: string }).upload
      }),
    )
    let asked = 0
    const job = async () => {
      const n = asked++
      // Different sizes and qualities, so that no earlier result is reused.
      const input = { upload: uploads[n % uploads.length] }
      const body = { type: 'resize', input, width: 200 + (n % 300), quality: 60 + (Math.floor(n / 300) % 40) }
      const answer = await fetch(`${server.url}/v1/jobs`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Prefer: 'wait=60' },
        body: JSON.stringify(body),
      })
      if (answer.status !== 200)
        throw new Error(`expected a finished job, got ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
    await load(warmAfter, clients, job)
    const seen: number[] = []
    for (let done = 0; done < jobs; done += between) {
      await load(Math.min(between, jobs - done), clients, job)
      seen.push(server.rssMb())
      if (seen.length % 5 === 0) console.error(`${done + between} jobs: ${seen.slice(-5).join(' ')} MB`)
    }
    const tenth = Math.ceil(seen.length / 10)
    const [warm, after] = [middle(seen.slice(0, tenth)), middle(seen.slice(-tenth))]
    const drift = (after - warm) / warm
    console.log(
      `RSS of mosaicme up (API, pages and all workers), ${jobs} jobs after ${warmAfter}: ${warm} MB at first, ${after} MB at last ` +
        `(medians of a tenth each), ${(drift * 100).toFixed(1)} %; peak ${server.peakMb()} MB`,
    )
    if (drift > allowed) process.exitCode = 1
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function middle(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!
}
