/**
 * The gallery with 1,000 mosaics on a mid-range phone with 4G: a real Chromium, its CPU slowed down four
 * times, 9 Mbit/s and 170 ms per round trip (WebPageTest's "4G").
 *
 *   npm run build && npx tsx bench/gallery.ts [--runs 5] [--photos /usr/share/backgrounds]
 *
 * Pages and API run in this process with a store in a temporary folder; the gallery does not need Temporal.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { Client, Connection } from '@temporalio/client'
import sharp from 'sharp'
import { loadEnvironment } from '../adapters/environment.ts'
import { openGalleryCache } from '../adapters/gallery-cache/open-gallery-cache.ts'
import { createLogger } from '../adapters/logger.ts'
import { openObjectStore } from '../adapters/object-store/open-object-store.ts'
import { createApp } from '../api/app.ts'
import { placeholderOf } from '../engine/index.ts'
import { launch, phone } from '../tests/web/browser.ts'
import { type Figures, watchFigures } from '../tests/web/figures.ts'
import { createPages } from '../web/pages.tsx'

const mosaics = 1_000
const network = { offline: false, latency: 170, downloadThroughput: 9e6 / 8, uploadThroughput: 9e6 / 8 }
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    photos: { type: 'string', default: '/usr/share/backgrounds' },
  },
})

const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-gallery-bench-'))
const store = await openObjectStore({ dataDir })
const cache = await openGalleryCache({})
await cache.replaceAll([])
const names = (await readdir(values.photos)).filter((name) => /\.jpe?g$/i.test(name)).slice(0, 24)
if (names.length === 0) throw new Error(`expected photos in ${values.photos}, there are none`)
const photos = await Promise.all(
  names.map(async (name) => {
    const bytes = await readFile(join(values.photos, name))
    const preview = await sharp(bytes).resize(512, 512, { fit: 'inside' }).jpeg({ quality: 90 }).toBuffer()
    const { width = 1, height = 1 } = await sharp(preview).metadata()
    return { preview, width, height, thumbhash: await placeholderOf(preview) }
  }),
)
for (let number = 0; number < mosaics; number++) {
  const { preview, width, height, thumbhash } = photos[number % photos.length]!
  const id = `mosaic-bench-${number}`
  await store.put('large', `${id}_files/9/0_0.jpg`, preview, { contentType: 'image/jpeg' })
  await cache.put({
    id,
    url_small: `/v1/jobs/${id}/files/small.jpg`,
    url_large: `/v1/jobs/${id}/files/large.jpg`,
    url_preview: `/v1/jobs/${id}/files/mosaic_files/9/0_0.jpg`,
    username: `person${number % 50}`,
    date: new Date(Date.now() - number * 60_000).toISOString(),
    width: width * 20,
    height: height * 20,
    thumbhash,
  })
}

const environment = loadEnvironment({})
const pages = createPages({
  cache,
  api: (request) => app.fetch(request),
  assets: { directory: join('dist', 'web', 'assets') },
})
const app = createApp({
  client: new Client({ connection: Connection.lazy() }),
  store,
  cache,
  environment,
  logger: createLogger({ level: 'fatal' }),
  pages,
  listLibraries: async () => [],
})
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const browser = await launch()
const runs: Figures[] = []
for (let run = 0; run < Number(values.runs); run++) {
  const context = await browser.newContext(phone)
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', network)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const figures = await watchFigures(page)
  await page.goto(url)
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.complete || image.loading === 'lazy'),
  )
  runs.push(await figures())
  await context.close()
}

const median = (key: keyof Figures) =>
  runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)]!
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
console.log(`Gallery of ${mosaics} mosaics, phone, CPU slowed down 4 times, 4G; median of ${runs.length}
  largest contentful paint   ${Math.round(median('lcp'))} ms   (bar: 1,500 ms)
  layout shift               ${median('cls').toFixed(4)}   (bar: 0.02)
  scripts                    ${kB(median('scriptBytes'))}   (bar: 40 kB)
  everything until then      ${kB(median('bytes'))}`)

await browser.close()
if ('closeAllConnections' in server) server.closeAllConnections()
server.close()
await cache.close()
await store.close()
await rm(dataDir, { recursive: true, force: true })
