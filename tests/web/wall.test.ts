/** A wall and the phones that send photos to it. */
import { buffer } from 'node:stream/consumers'
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { addTiles, removeTiles } from '../../activities/tile-library/index.ts'
import { oklab, WallPlaces, wallGrid } from '../../web/islands/wall-places.ts'
import { photo, tilePhoto } from '../workflows/pictures.ts'
import { axeViolations, inMotion, phone, screenshot, visit } from './browser.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let browser: Browser
it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service)
})
afterAll(async () => {
  await site?.close()
})

const projector = { viewport: { width: 1920, height: 1080 } }
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const hanging = (page: Page, count: number) => page.getByText(`${count} of 60 photos`).waitFor()

/** Adds photos without a phone, like a collector. */
async function arrive(library: string, ...seeds: number[]): Promise<void> {
  async function* photos() {
    for (const seed of seeds) yield { name: `guest ${seed}`, bytes: await tilePhoto(seed) }
  }
  await addTiles({ store: site.stack.store, library, photos: photos() })
}

/** Cells of the wall with a photo. */
const drawn = (page: Page) =>
  page.locator('.wall-stage > canvas:not(.bird)').evaluate((canvas: HTMLCanvasElement) => {
    const pen = new OffscreenCanvas(10, 6).getContext('2d')!
    pen.drawImage(canvas, 0, 0, 10, 6)
    return pen.getImageData(0, 0, 10, 6).data.filter((value, at) => at % 4 === 3 && value > 0).length
  })

const soon = { timeout: 10_000 }

describe('a wall', () => {
  it('shows a phone’s photo flying to its place, and finds it again', async () => {
    await using screen = await visit(browser, site.url, { ...projector, ...inMotion })
    await screen.page.goto('/wall/party?cells=60')
    await hanging(screen.page, 0)
    const address = await screen.page.getByRole('link').textContent()
    expect(`http://${address}`).toBe(`${site.url}/u/party`)
    await screen.page.getByRole('img', { name: `QR code of ${site.url}/u/party` }).waitFor()

    await using guest = await visit(browser, site.url, phone)
    await guest.page.goto('/u/party')
    await guest.page.getByLabel('Your name').fill('名前 <b>')
    await screenshot(guest.page, 'wall-upload')
    const bytes = Buffer.from(await photo())
    // Choosing it sends it.
    await guest.page
      .getByLabel('Choose or take a photo')
      .setInputFiles({ name: 'party.jpg', mimeType: 'image/jpeg', buffer: bytes })
    await heading(guest.page, 'It is on its way')
    await hanging(screen.page, 1)
    await expect.poll(() => drawn(screen.page), soon).toBe(1)
    const { data } = (await (await fetch(`${site.url}/v1/tiles/party`)).json()) as {
      data: { author?: object }[]
    }
    expect(data.map(({ author }) => author)).toEqual([{ name: '名前 <b>' }])

    await guest.page.getByRole('link', { name: 'Find my photo' }).tap()
    await guest.page.getByRole('img', { name: 'Your photo' }).waitFor()
    expect(await axeViolations(guest.page)).toEqual([])
    await screenshot(screen.page, 'wall')
    expect([...screen.troubles, ...guest.troubles]).toEqual([])
  })

  it('recovers from a disconnection: catches up with additions and removals', async () => {
    await arrive('cut', 1, 2, 3)
    await using screen = await visit(browser, site.url, projector)
    const { page } = screen
    await page.goto('/wall/cut?cells=60')
    await hanging(page, 3)
    await expect.poll(() => drawn(page), soon).toBe(3)
    const { data } = (await (await fetch(`${site.url}/v1/tiles/cut`)).json()) as { data: { id: string }[] }
    site.cut()
    await removeTiles({ store: site.stack.store, library: 'cut', tileIds: [data[0]!.id] })
    await arrive('cut', 4, 5)
    await hanging(page, 4)
    await expect.poll(() => drawn(page), soon).toBe(4)
    // And is live again.
    await arrive('cut', 6)
    await hanging(page, 5)
    expect(await page.locator('.bird').count()).toBe(0)
  })

  it('shows a time-lapse from the start', async () => {
    await arrive('lapse', 1, 2, 3)
    await using screen = await visit(browser, site.url, projector)
    const { page, troubles } = screen
    await page.goto('/wall/lapse?cells=60')
    await expect.poll(() => drawn(page), soon).toBe(3)
    await page.getByRole('button', { name: 'From the start' }).click()
    await expect.poll(() => drawn(page), soon).toBeLessThan(3)
    await expect.poll(() => drawn(page), soon).toBe(3)
    expect(troubles).toEqual([])
  })

  it('opens with all photos in one request per few hundred, and can be printed', async () => {
    await arrive('full', ...Array.from({ length: 60 }, (_, seed) => seed))
    await using screen = await visit(browser, site.url, { viewport: { width: 1280, height: 900 } })
    const { page, troubles } = screen
    const sheets: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/sheet')) sheets.push(request.url())
    })
    await page.goto('/wall/full?cells=60')
    await page.getByText('60 of 60 photos: complete').waitFor()
    await expect.poll(() => drawn(page), soon).toBe(60)
    expect(sheets).toHaveLength(1)
    expect(await page.locator('.bird').count()).toBe(0)

    await page.getByRole('button', { name: 'Print' }).click()
    await page.getByLabel('Resolution').selectOption('100')
    expect(await axeViolations(page)).toEqual([])
    await screenshot(page, 'wall-print')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Make the file' }).click()
    const file = await download
    expect(file.suggestedFilename()).toBe('full.pdf')
    expect((await buffer(await file.createReadStream())).subarray(0, 8).toString()).toBe('%PDF-1.4')
    await page.getByText(/^Done: /).waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Print')
    expect(troubles).toEqual([])
  })

  it('places the same photos at the same positions on every screen', () => {
    const { columns, rows } = wallGrid(600, 1.5)
    expect([columns, rows]).toEqual([30, 20])
    const colours = Array.from({ length: 9 }, (_, cell) => oklab(cell / 9, 0.5, 1 - cell / 9))
    const [one, other] = [new WallPlaces(colours), new WallPlaces(colours)]
    const guests = Array.from(
      { length: 10 },
      (_, at) => [`guest ${at}`, oklab((at * 0.37) % 1, 0.4, 0.3)] as const,
    )
    const places = guests.map(([id, colour]) => one.place(id, colour))
    expect(guests.map(([id, colour]) => other.place(id, colour))).toEqual(places)
    expect(new Set(places.slice(0, 9)).size).toBe(9)
    // Full: when one leaves, the next photo gets its place.
    expect(places[9]).toBeUndefined()
    expect(one.remove('guest 4')).toBe(places[4])
    expect(one.place('late', oklab(0, 0, 0))).toBe(places[4])
    expect(new WallPlaces(colours).place('white', oklab(8 / 9, 0.5, 1 / 9))).toBe(8)
  })
})

describe('the page for phones', () => {
  it('works without JavaScript', async () => {
    await using guest = await visit(browser, site.url, { ...phone, javaScriptEnabled: false })
    const { page, troubles } = guest
    await page.goto('/u/plain')
    await page
      .getByLabel('Choose or take a photo')
      .setInputFiles({ name: 'p.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await photo()) })
    await page.getByRole('button', { name: 'Send it' }).tap()
    await heading(page, 'It is on its way')
    expect(troubles).toEqual([])
  })

  it('says what to do about an unreadable picture', async () => {
    await using guest = await visit(browser, site.url, phone)
    const { page } = guest
    await page.goto('/u/plain')
    // The header of an iPhone's HEIC file.
    const heic = Buffer.concat([
      Buffer.from([0, 0, 0, 24]),
      Buffer.from('ftypheic\0\0\0\0mif1heic'),
      Buffer.alloc(64),
    ])
    await page
      .getByLabel('Choose or take a photo')
      .setInputFiles({ name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer: heic })
    await page.getByText(/HEI[CF]/).waitFor()
    await page.getByRole('button', { name: 'Send it' }).waitFor()
    expect(await axeViolations(page)).toEqual([])
  })

  it('only exists for walls', async () => {
    for (const path of ['/u/starter', '/wall/Not%20a%20name', '/u/..%2fx'])
      expect((await fetch(site.url + path, { headers: { Accept: 'text/html' } })).status).toBe(404)
  })
})
