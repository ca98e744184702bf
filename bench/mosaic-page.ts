/**
 * A finished mosaic on its way to people, in a real Chromium: from the end of its job until its maker sees it and until it hangs in
 * an open gallery; and how long a visitor flies to a friend's photo among ten thousand tiles.
 *
 *   npm run build && npx tsx bench/mosaic-page.ts [--photos /tmp/mosaicme-tiles] [--rounds 7]
 *
 * `--photos` are of `bench/tile-photos.ts`: 300 of them, the first 20 a friend's.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import type { Job } from '../api/client.ts'
import { inMotion, launch } from '../tests/web/browser.ts'
import { startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '/tmp/mosaicme-tiles' },
    rounds: { type: 'string', default: '7' },
  },
})
const [library, friend, friendsPhotos, photos] = ['friends', 'grace', 20, 300]
/** 116 x 87 cells. */
const target = { width: 928, height: 696, scale: 4, cell: 32 }

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-page-bench-'))
const service = await startMosaicme(resolve(import.meta.dirname, '..'), folder)
const browser = await launch()
try {
  const names = (await readdir(values.photos)).filter((name) => name.endsWith('.jpg')).slice(0, photos)
  const files = await Promise.all(names.map((name) => readFile(join(values.photos, name))))
  await handIn('/v1/tiles', files.slice(0, friendsPhotos), { library, author: { handle: friend } })
  for (let at = friendsPhotos; at < files.length; at += 100)
    await handIn('/v1/tiles', files.slice(at, at + 100), { library })

  const page = await browser.newPage({
    baseURL: service.url,
    ...inMotion,
    viewport: { width: 1440, height: 900 },
  })
  const gallery = await browser.newPage({ baseURL: service.url, viewport: { width: 1440, height: 900 } })
  await gallery.goto('/')
  const toPage: number[] = []
  const toGallery: number[] = []
  const found: number[] = []
  let cells = 0
  for (let round = 0; round < Number(values.rounds); round++) {
    const id = await submit('/v1/jobs', [await photo(round)], {
      type: 'mosaic',
      library,
      scale: target.scale,
      cell: target.cell,
      pyramid: 'virtual',
    })
    await page.goto(`/jobs/${id}`)
    const hangs = gallery.waitForSelector(`[data-id="${id}"] img:last-child`).then(() => Date.now())
    const shown = page.waitForSelector(`main a[href="/mosaic/${id}"]`).then(() => Date.now())
    const job = await finished(id)
    cells = cellsOf(job)
    const over = Date.parse(job.completed_at!)
    toPage.push((await shown) - over)
    toGallery.push((await hangs) - over)
    found.push(await flight(page, id))
  }
  const told = (times: number[]) => {
    const sorted = times.toSorted((a, b) => a - b)
    return `p50 ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`
  }
  console.log(`${values.rounds} mosaics of ${cells} cells`)
  console.log(`from the job's end until its page shows the mosaic: ${told(toPage)}`)
  console.log(`from the job's end until it hangs in an open gallery: ${told(toGallery)}`)
  console.log(`from "Find" until the flight to the tile is over: ${told(found)}`)
} finally {
  await browser.close()
  await service.stop()
  await rm(folder, { recursive: true, force: true })
}

function cellsOf({ result }: Job): number {
  if (!result || !('cells' in result) || !result.cells) throw new Error('expected the result of a mosaic')
  return result.cells.columns * result.cells.rows
}

/** ms from the click to the end of the flight, when the address names the place. */
async function flight(page: Page, id: string): Promise<number> {
  await page.goto(`/mosaic/${id}`)
  await page.getByLabel('Find a tile').fill(`@${friend}`)
  await page.waitForLoadState('networkidle')
  const clicked = Date.now()
  await page.getByRole('button', { name: 'Find' }).click()
  await page.waitForURL(/#at=/)
  return Date.now() - clicked
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

async function submit(path: string, images: Buffer[], job: object): Promise<string> {
  const form = new FormData()
  for (const [at, bytes] of images.entries())
    form.append('image', new File([new Uint8Array(bytes)], `${at}.jpg`))
  form.set('job', JSON.stringify(job))
  const answer = await fetch(service.url + path, { method: 'POST', body: form })
  if (!answer.ok) throw new Error(`expected a job, got ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

async function finished(id: string): Promise<Job> {
  for (;;) {
    const answer = await fetch(`${service.url}/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })
    const job = (await answer.json()) as Job
    if (job.status === 'succeeded') return job
    if (job.status === 'failed' || job.status === 'canceled')
      throw new Error(`expected a result, the job has ${job.status}`)
  }
}

async function handIn(path: string, images: Buffer[], job: object): Promise<void> {
  await finished(await submit(path, images, job))
}
