/**
 * Prints a wall through the API, by default on A2 at 300 dpi, as PDF and as TIFF: time, CPU, peak memory, and
 * whether the file has the right physical size. Photos of 12 megapixels, as phones take them.
 *
 *   npx tsx bench/print.ts [--paper A2] [--dpi 300] [--columns 63] [--rows 39] [--photos /tmp/mosaicme-tiles] [--keep DIR]
 *
 * Each file is made in a separate process, so that its peak memory is measured alone. Printing does not need
 * Temporal.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { Client, Connection } from '@temporalio/client'
import sharp from 'sharp'
import { addTiles, photoKey, readTiles } from '../activities/tile-library/index.ts'
import { loadEnvironment } from '../adapters/environment.ts'
import { openGalleryCache } from '../adapters/gallery-cache/open-gallery-cache.ts'
import { createLogger } from '../adapters/logger.ts'
import { openObjectStore } from '../adapters/object-store/open-object-store.ts'
import { createApp } from '../api/app.ts'
import { type Paper, papers } from '../engine/index.ts'

const { values } = parseArgs({
  options: {
    paper: { type: 'string', default: 'A2' },
    dpi: { type: 'string', default: '300' },
    columns: { type: 'string', default: '63' },
    rows: { type: 'string', default: '39' },
    photos: { type: 'string', default: '/tmp/mosaicme-tiles' },
    keep: { type: 'string' },
    /** Internal: runs as the printing process. */
    serve: { type: 'string' },
  },
})
const [dpi, columns, rows] = [values.dpi, values.columns, values.rows].map(Number) as [number, number, number]
const { width, height } = papers[values.paper as Paper]
const library = 'evening'
/** Different photos; each appears more than once. */
const photoCount = 40

if (values.serve) await servePrints(values.serve)
else await measure()

/** Serves until it gets a message, then reports its resource usage. */
async function servePrints(dataDir: string): Promise<void> {
  const store = await openObjectStore({ dataDir })
  const app = createApp({
    client: new Client({ connection: Connection.lazy() }),
    store,
    cache: await openGalleryCache({}),
    environment: loadEnvironment({}),
    logger: createLogger({ level: 'warn' }),
    listLibraries: async () => [],
    readTiles: (name, ids) => readTiles({ store, library: name, ids }),
    tilePhoto: (name, tile) => ({ bucket: 'raw', key: photoKey(name, tile) }),
  })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const before = statusOf('VmRSS')
  process.send?.({ port: (server.address() as AddressInfo).port })
  await once(process, 'message')
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: (user + system) / 1e6, before, peak: statusOf('VmHWM') }, () => process.exit(0))
}

/** MB. */
function statusOf(line: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Math.round(Number(found) / 1024)
}

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-print-'))
  try {
    const ids = await hangPhotos(dataDir)
    const [picture] = (await readdir('/usr/share/backgrounds')).filter((name) => /\.jpe?g$/i.test(name))
    const target = picture
      ? await sharp(join('/usr/share/backgrounds', picture)).resize(1_600).jpeg().toBuffer()
      : await sharp({ create: { width: 1_600, height: 1_000, channels: 3, background: '#964' } })
          .jpeg()
          .toBuffer()
    for (const format of ['pdf', 'tiff'] as const) await print(dataDir, format, ids, target)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function hangPhotos(dataDir: string): Promise<string[]> {
  const store = await openObjectStore({ dataDir })
  const names = (await readdir(values.photos)).filter((name) => /\.jpe?g$/i.test(name)).slice(0, photoCount)
  async function* photos() {
    for (const name of names)
      yield {
        name,
        bytes: await sharp(await readFile(join(values.photos, name)))
          .resize(4032, 3024, { fit: 'cover', kernel: 'linear' })
          .jpeg({ quality: 80 })
          .toBuffer(),
      }
  }
  await addTiles({ store, library, photos: photos() })
  const { objects } = await store.list('raw', { prefix: photoKey(library, ''), limit: 1_000 })
  await store.close()
  return objects.map(({ key }) => key.slice(photoKey(library, '').length))
}

async function print(dataDir: string, format: 'pdf' | 'tiff', ids: string[], target: Buffer): Promise<void> {
  const child = fork(resolve(process.argv[1]!), ['--serve', dataDir])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const body = new FormData()
  body.set('image', new File([new Uint8Array(target)], 'target.jpg', { type: 'image/jpeg' }))
  const cells = Array.from({ length: columns * rows }, (_, cell) => ids[(cell * 7) % ids.length]!)
  body.set('job', JSON.stringify({ columns, cells, format, paper: values.paper, dpi, overlay: 0.3 }))
  const began = performance.now()
  const answer = await fetch(`http://127.0.0.1:${port}/v1/tiles/${library}/print`, { method: 'POST', body })
  if (!answer.ok) throw new Error(`expected a print, got ${answer.status} ${await answer.text()}`)
  const path = join(values.keep ?? dataDir, `wall.${format}`)
  await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(path))
  const took = (performance.now() - began) / 1_000
  child.send('end')
  const [{ cpu, before, peak }] = (await once(child, 'message')) as [
    { cpu: number; before: number; peak: number },
  ]
  const { size } = await stat(path)
  console.log(
    `${format}: ${took.toFixed(1)} s, ${cpu.toFixed(1)} s of processor, ${(size / 1e6).toFixed(1)} MB; ` +
      `process ${before} MB before, ${peak} MB at most; ${await (format === 'pdf' ? pdfSize(path) : tiffSize(path))}`,
  )
}

async function pdfSize(path: string): Promise<string> {
  const file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(2_000), 0, 2_000, 0)
  await file.close()
  const head = buffer.toString('latin1')
  const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(head)!.slice(1).map(Number)
  const [columnsOfImage, rowsOfImage] = [/\/Width (\d+)/, /\/Height (\d+)/].map((word) =>
    Number(word.exec(head)?.[1]),
  )
  const mm = box.map((points) => Math.round((points / 72) * 25.4))
  return `a page of ${mm.join(' x ')} mm (${values.paper}: ${width} x ${height}) with ${columnsOfImage} x ${rowsOfImage} px`
}

async function tiffSize(path: string): Promise<string> {
  const reading = sharp({ limitInputPixels: false, failOn: 'warning' })
  createReadStream(path).pipe(reading)
  const info = await reading.metadata()
  // Decodes to the last strip, or throws.
  await sharp(path, { limitInputPixels: false, failOn: 'warning' }).stats()
  const mm = [info.width!, info.height!].map((pixels) => Math.round((pixels / info.density!) * 25.4))
  return `${info.width} x ${info.height} px at ${info.density} dpi: ${mm.join(' x ')} mm`
}
