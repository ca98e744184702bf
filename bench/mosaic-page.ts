/**
 * Delivery of a finished mosaic to a real Chromium: from the end of its job until its owner's page and an
 * open gallery show it; and how long flying to a friend's photo among ten thousand tiles takes.
 *
 *   npm run build && npx tsx bench/mosaic-page.ts [--photos /tmp/mosaicme-tiles] [--rounds 7]
 *
 * `--photos` come from `bench/tile-photos.ts`: 300 of them, the first 200 by a friend.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import type { Job } from '../api/client.ts'
import { inMotion, launch } from '../tests/web/browser.ts'
import { finished, submit } from './jobs.ts'
import { startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '/tmp/mosaicme-tiles' },
    rounds: { type: 'string', default: '7' },
  },
})
const [library, friend, friendsPhotos, photos] = ['friends', 'grace', 200, 300]
/** ms without a change after which a view is final. */
const settled = 2_000
/** 116 x 87 cells. */
const target = { width: 928, height: 696, scale: 4, cell: 32 }

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-page-bench-'))
const service = await startMosaicme(resolve(import.meta.dirname, '..'), folder)
const browser = await launch()
try {
  const names = (await readdir(values.photos)).filter((name) => name.endsWith('.jpg')).slice(0, photos)
  const files = await Promise.all(names.map((name) => readFile(join(values.photos, name))))
  await addPhotos(files.slice(0, friendsPhotos), { library, author: { handle: friend } })
  for (let at = friendsPhotos; at < files.length; at += 100)
    await addPhotos(files.slice(at, at + 100), { library })

  const page = await browser.newPage({
    baseURL: service.url,
    ...inMotion,
    viewport: { width: 1440, height: 900 },
  })
  await page.addInitScript(() => {
    const views: number[] = []
    Object.assign(globalThis, { views })
    const write = history.replaceState
    history.replaceState = function (this: History, ...given) {
      views.push(Date.now())
      return write.apply(this, given)
    } as typeof write
  })
  const gallery = await browser.newPage({ baseURL: service.url, viewport: { width: 1440, height: 900 } })
  await gallery.goto('/')
  const toPage: number[] = []
  const toGallery: number[] = []
  const found: number[] = []
  let cells = 0
  for (let round = 0; round < Number(values.rounds); round++) {
    const id = await submit(service.url, '/v1/jobs', [await photo(round)], {
      type: 'mosaic',
      library,
      scale: target.scale,
      cell: target.cell,
      pyramid: 'virtual',
    })
    await page.goto(`/jobs/${id}`)
    const inGallery = gallery.waitForSelector(`[data-id="${id}"] img:last-child`).then(() => Date.now())
    const shown = page.waitForSelector(`main a[href="/mosaic/${id}"]`).then(() => Date.now())
    const job = await finished(service.url, id)
    cells = cellsOf(job)
    const over = Date.parse(job.completed_at!)
    toPage.push((await shown) - over)
    toGallery.push((await inGallery) - over)
    found.push(await flight(page, id))
  }
  const summary = (times: number[]) => {
    const sorted = times.toSorted((a, b) => a - b)
    return `p50 ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`
  }
  console.log(`${values.rounds} mosaics of ${cells} cells`)
  console.log(`from the job's end until its page shows the mosaic: ${summary(toPage)}`)
  console.log(`from the job's end until it hangs in an open gallery: ${summary(toGallery)}`)
  console.log(`from "Find" until the flight to the tile is over: ${summary(found)}`)
} finally {
  await browser.close()
  await service.stop()
  await rm(folder, { recursive: true, force: true })
}

function cellsOf({ result }: Job): number {
  if (!result || !('cells' in result) || !result.cells) throw new Error('expected the result of a mosaic')
  return result.cells.columns * result.cells.rows
}

/**
 * ms from the click to the end of the flight, when the page updates the view in its URL for the last time.
 */
async function flight(page: Page, id: string): Promise<number> {
  await page.goto(`/mosaic/${id}`)
  await page.getByLabel('Find a tile').fill(`@${friend}`)
  await page.waitForLoadState('networkidle')
  const clicked = Date.now()
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByText(/^(Place 1 of|Found in one place)/).waitFor()
  await sleep(settled)
  const views = await page.evaluate(() => (globalThis as unknown as { views: number[] }).views)
  const [last] = views.filter((at) => at >= clicked).slice(-1)
  if (last === undefined) throw new Error('expected the page to fly to the tile, it stayed where it was')
  return last - clicked
}

async function photo(round: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 90 + 10 * round, sigma: 60 } as const
  const { width, height } = target
  return await sharp({ create: { width, height, channels: 3, background: '#888', noise } })
    .blur(12)
    .normalise()
    .jpeg()
    .toBuffer()
}

async function addPhotos(images: Buffer[], job: object): Promise<void> {
  await finished(service.url, await submit(service.url, '/v1/tiles', images, job))
}
