/**
 * A wall in a real Chromium with the whole service: how soon it shows many photos, how long a photo takes
 * from upload to display, how soon it recovers from a network outage, and how memory grows over an evening of
 * uploads.
 *
 *   npm run build && npx tsx bench/wall.ts [--hanging 2200] [--arrivals 60] [--rounds 3] [--evening 1500] [--photos /tmp/mosaicme-tiles]
 *
 * The evening is compressed: photos are uploaded as fast as they are accepted. A relay between browser and
 * service simulates outages.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { freePort } from '../cli/free-port.ts'
import { launch } from '../tests/web/browser.ts'
import { finished, submit } from './jobs.ts'

const { values } = parseArgs({
  options: {
    hanging: { type: 'string', default: '2200' },
    arrivals: { type: 'string', default: '60' },
    /** Rounds of ten simultaneous uploads. */
    rounds: { type: 'string', default: '3' },
    evening: { type: 'string', default: '1500' },
    photos: { type: 'string', default: '/tmp/mosaicme-tiles' },
  },
})
const [hanging, arrivals, evening] = [values.hanging, values.arrivals, values.evening].map(Number) as [
  number,
  number,
  number,
]
const cells = 2_500
const library = 'evening'

async function startService(dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort()
  const command = fileURLToPath(new URL('../scripts/mosaicme.mjs', import.meta.url))
  const child = spawn(process.execPath, [command, 'up'], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (text) => String(text).includes('is ready after') && resolve())
    child.once('exit', () => reject(new Error('expected a start, it ended')))
  })
  return { child, port }
}

/** A relay that can be cut. */
async function relayTo(port: number) {
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return socket.destroy()
    const upstream = connect(port, '127.0.0.1')
    for (const end of [socket, upstream]) {
      open.add(end)
      end.on('error', () => {})
      end.on('close', () => {
        open.delete(end)
        socket.destroy()
        upstream.destroy()
      })
    }
    socket.pipe(upstream).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    heal() {
      isCut = false
    },
    close: () => server.close(),
  }
}

const names = (await readdir(values.photos)).filter((name) => /\.jpe?g$/i.test(name)).sort()
let next = 0
/** Each photo is used once; when they run out, trailing bytes make them different tiles. */
async function photo(): Promise<Buffer> {
  const at = next++
  const bytes = await readFile(join(values.photos, names[at % names.length]!))
  return at < names.length ? bytes : Buffer.concat([bytes, Buffer.from(`round ${at}`)])
}
/** 12 megapixels, as phones take them. */
const phonePhoto = async () =>
  await sharp(await photo())
    .resize(4032, 3024, { fit: 'cover', kernel: 'linear' })
    .jpeg({ quality: 80 })
    .toBuffer()

const uploadPhotos = (url: string, photos: Buffer[]) => submit(url, '/v1/tiles', photos, { library })

/** Records when something is drawn on the wall's own canvas, which is when a photo is in place. */
async function watchDrawing(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const drawn: number[] = []
    Object.assign(globalThis, { drawn })
    const draw = CanvasRenderingContext2D.prototype.drawImage
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...given: unknown[]
    ) {
      const isWall = this.canvas.parentElement?.matches('.wall-stage') && !this.canvas.matches('.bird')
      if (isWall && this.globalAlpha === 1) drawn.push(Date.now())
      return (draw as (...given: unknown[]) => void).apply(this, given)
    } as typeof draw
  })
}
const drawnOf = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { drawn: number[] }).drawn.length)
const lastDrawn = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { drawn: number[] }).drawn.at(-1) ?? 0)
async function until(page: Page, count: number, patience = 120_000): Promise<number> {
  const end = Date.now() + patience
  while ((await drawnOf(page)) < count) {
    if (Date.now() > end)
      throw new Error(`expected ${count} photos on the wall, there are ${await drawnOf(page)}`)
    await sleep(50)
  }
  return await lastDrawn(page)
}

/** CPU seconds of a process and its descendants, which are independent of other load. */
async function processorOf(pid: number): Promise<number> {
  const stats = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const line = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
        // After the name, which may contain anything: state, parent, ..., and from the 12th on ticks of 10
        // ms.
        const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
        const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
        return { pid: Number(name), parent: Number(fields[1]), seconds: ticks / 100 }
      }),
  )
  const family = new Set([pid])
  for (let known = 0; known < family.size; ) {
    known = family.size
    for (const one of stats) if (family.has(one.parent)) family.add(one.pid)
  }
  return stats.reduce((sum, one) => sum + (family.has(one.pid) ? one.seconds : 0), 0)
}

const quantile = (times: number[], q: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]!
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-wall-'))
const { child, port } = await startService(dataDir)
const direct = `http://127.0.0.1:${port}`
const relay = await relayTo(port)
const browser = await launch()
try {
  const jobs: string[] = []
  for (let left = hanging; left > 0; left -= 100)
    jobs.push(
      await uploadPhotos(direct, await Promise.all(Array.from({ length: Math.min(100, left) }, photo))),
    )
  for (const id of jobs) await finished(direct, id)
  const { data } = (await (await fetch(`${direct}/v1/tiles/${library}`)).json()) as { data: unknown[] }
  console.log(`${data.length} photos shown`)

  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  await watchDrawing(page)
  const opened = Date.now()
  await page.goto(`${relay.url}/wall/${library}?cells=${cells}`)
  const here = Math.min(data.length, cells)
  console.log(`first load, all photos drawn: ${seconds((await until(page, here)) - opened)}`)

  const times: number[] = []
  let shown = here
  for (let i = 0; i < arrivals; i++) {
    const bytes = await phonePhoto()
    const handed = Date.now()
    await uploadPhotos(direct, [bytes])
    times.push((await until(page, ++shown)) - handed)
  }
  console.log(
    `arrival to placed, one at a time: p50 ${seconds(quantile(times, 0.5))}, p95 ${seconds(quantile(times, 0.95))}`,
  )
  // Ten guests at a time, independent of each other.
  const together: number[] = []
  const processor = await processorOf(child.pid!)
  for (let round = 0; round < Number(values.rounds); round++) {
    const ten = await Promise.all(Array.from({ length: 10 }, phonePhoto))
    const handed = Date.now()
    await Promise.all(ten.map((bytes) => uploadPhotos(direct, [bytes])))
    for (let i = 0; i < 10; i++) {
      await until(page, shown + i + 1)
      const at = await page.evaluate(
        (n) => (globalThis as unknown as { drawn: number[] }).drawn[n]!,
        shown + i,
      )
      together.push(at - handed)
    }
    shown += 10
  }
  console.log(
    `ten at the same moment: p50 ${seconds(quantile(together, 0.5))}, p95 ${seconds(quantile(together, 0.95))}, ` +
      `${(((await processorOf(child.pid!)) - processor) / together.length).toFixed(2)} s of processor for each, Temporal's included`,
  )

  relay.cut()
  await finished(direct, await uploadPhotos(direct, [await photo()]))
  await sleep(5_000)
  relay.heal()
  const healed = Date.now()
  console.log(
    `after a cut of five seconds, what came meanwhile hangs in ${seconds((await until(page, ++shown)) - healed)}`,
  )

  const session = await page.context().newCDPSession(page)
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage')
    return (await session.send('Runtime.getHeapUsage')).usedSize / 1e6
  }
  const before = await heap()
  const began = Date.now()
  const turn = pLimit(4)
  await Promise.all(
    Array.from({ length: evening }, () =>
      turn(async () => await finished(direct, await uploadPhotos(direct, [await photo()]))),
    ),
  )
  // Once nothing more is drawn, everything that fits is in place.
  for (let seen = -1; seen !== (await drawnOf(page)); await sleep(3_000)) seen = await drawnOf(page)
  console.log(
    `an evening of ${evening} arrivals in ${seconds(Date.now() - began)}: heap ${before.toFixed(1)} to ${(await heap()).toFixed(1)} MB, ` +
      `${await page.locator('.bird').count()} birds left, ${await page.locator('[data-count]').textContent()}`,
  )
} finally {
  await browser.close()
  relay.close()
  child.kill('SIGTERM')
  await once(child, 'exit')
  await rm(dataDir, { recursive: true, force: true })
}
