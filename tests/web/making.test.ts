/** What people do on the site, in a real browser, with real workers. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { photo } from '../workflows/pictures.ts'
import { axeViolations, phone, screenshot, visit } from './browser.ts'
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

const holiday = async () => ({
  name: 'holiday.jpg',
  mimeType: 'image/jpeg',
  buffer: Buffer.from(await photo()),
})
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

/** Small enough for tests: 20 x 15 cells. */
async function chooseSmallMosaic(page: Page): Promise<void> {
  await page.getByText('Tiles and size').click()
  await page.getByLabel('Tile library').selectOption('small')
  await page.getByLabel('Tile size').fill('16')
  await page.getByLabel('Scale factor').fill('2')
  await page.getByLabel('Distance between equal tiles').fill('1')
}

describe('making a mosaic', () => {
  it('leads from a chosen photo over its progress to the mosaic and its tiles', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    site.gate.close()
    await page.goto('/new')
    await page.getByLabel('Choose a photo').setInputFiles(await holiday())
    await page.getByText('160 × 120 px').waitFor()
    await page.getByLabel('Your name').fill('名前 🎉 <b>')
    await chooseSmallMosaic(page)
    await page.getByText('More options').click()
    await page.getByLabel('Tiles’ colours').selectOption('bounded')
    await page.getByLabel('Orientation of tiles').selectOption('mirror')
    await page.getByLabel('Deep-zoom tiles').selectOption('virtual')
    await screenshot(page, 'chosen')
    await page.getByRole('button', { name: 'Make my mosaic' }).click()

    await heading(page, 'In the making')
    await page.locator('[aria-current=step]', { hasText: 'Match tiles' }).waitFor()
    await screenshot(page, 'progress')
    site.gate.open()
    await heading(page, 'Done')
    await page.getByRole('img', { name: 'Your mosaic' }).click()

    await heading(page, '名前 🎉 <b>')
    await page.getByText('320 × 240 px').waitFor()
    const tile = page.waitForResponse((response) => /mosaic_files\/\d+\/\d+_\d+\.jpg$/.test(response.url()))
    await page.getByText('Zoom into the tiles').click()
    expect((await tile).status()).toBe(200)
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await screenshot(page, 'zoomed')

    const flushed = await (await site.flushed()).request(new URL(page.url()).pathname, {
      headers: { Accept: 'text/html' },
    })
    expect(await flushed.text()).toContain('名前 🎉 &lt;b&gt;')

    await page.goto('/')
    const card = page.getByRole('link', { name: 'Mosaic by 名前 🎉 <b>' })
    expect(await card.getByRole('img').evaluate(naturalWidth)).toBe(320)
    expect(await card.locator('.placeholder').evaluate(naturalWidth)).toBeGreaterThan(1)
    await page.goto('/new')
    await page.getByRole('region', { name: 'Yours, on this device' }).getByText('succeeded').waitFor()
    expect(troubles).toEqual([])
  })

  it('can be canceled', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    site.gate.close()
    await page.goto('/new')
    await page.getByLabel('Choose a photo').setInputFiles(await holiday())
    await chooseSmallMosaic(page)
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await heading(page, 'In the making')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await heading(page, 'Canceled')
    site.gate.open()
    expect(troubles).toEqual([])
  })

  it('that fails says why, and shows what to do', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/new')
    const { name, mimeType, buffer } = await holiday()
    // Its header is that of a picture; that the rest is missing shows when it is decoded.
    await page
      .getByLabel('Choose a photo')
      .setInputFiles({ name, mimeType, buffer: buffer.subarray(0, 1500) })
    await chooseSmallMosaic(page)
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await heading(page, 'That did not work')
    await page.getByText('image_truncated').waitFor()
    await page.getByText('will fail again').waitFor()
    // Its steps, without closing steps.
    expect(await page.locator('.steps li').count()).toBe(6)
    await screenshot(page, 'failed')
    await page.getByRole('link', { name: 'Try another way' }).click()
    await heading(page, 'Make a mosaic')
    expect(troubles).toEqual([])
  })
})

describe('a running mosaic', () => {
  for (const javaScriptEnabled of [true, false]) {
    it(`fills in while it is composed and ends on the mosaic, with${javaScriptEnabled ? '' : 'out'} JavaScript`, async () => {
      await using visitor = await visit(browser, site.url, { javaScriptEnabled })
      const { page, troubles } = visitor
      // The composed parts wait at the gate.
      site.gate.close('/large.jpg')
      await page.goto('/new')
      await page.getByLabel('Choose a photo').setInputFiles(await holiday())
      await chooseSmallMosaic(page)
      await page.getByRole('button', { name: 'Make my mosaic' }).click()
      const soFar = page.getByRole('img', { name: 'The mosaic so far' })
      await soFar.waitFor()
      expect(await soFar.evaluate(naturalWidth)).toBe(640)
      if (javaScriptEnabled) await screenshot(page, 'so-far')
      site.gate.open()
      await heading(page, 'Done')
      await soFar.waitFor({ state: 'detached' })
      await page.getByRole('link', { name: 'See every tile' }).click()
      await heading(page, 'Unnamed')
      const still = page.locator('.still').getByRole('img', { name: 'Mosaic' })
      expect(await still.evaluate(naturalWidth)).toBeGreaterThan(0)
      expect(troubles).toEqual([])
    })
  }
})

describe('a mosaic that failed temporarily', () => {
  // Without JavaScript: see job.test.ts.
  it('can be replayed from its page', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    site.gate.close()
    await page.goto('/new')
    await page.getByLabel('Choose a photo').setInputFiles(await holiday())
    await chooseSmallMosaic(page)
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await heading(page, 'In the making')
    await page.locator('[aria-current=step]', { hasText: 'Match tiles' }).waitFor()
    const job = new URL(page.url()).pathname.split('/').at(-1)!
    await site.stack.client.workflow.getHandle(job).terminate('the machine was needed')
    await heading(page, 'That did not work')
    await page.getByText('resumes at the step that failed').waitFor()
    site.gate.open()
    await page.getByRole('button', { name: 'Replay from “Match tiles to every cell”' }).click()
    await heading(page, 'Done')
    expect(new URL(page.url()).pathname).toBe(`/jobs/${job}`)
    expect(troubles).toEqual([])
  })
})

describe('the preview', () => {
  it('shows a mosaic as coarse as it will be, while the options change', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/new?cell=16&scale=2')
    await page.getByLabel('Choose a photo').setInputFiles(await holiday())
    await page.getByText('300 tiles, 320 × 240 px.').waitFor()
    // The same as the engine's: 20 x 15 tiles of 32 px.
    const preview = page.getByRole('img', { name: 'Preview of the mosaic' })
    await preview.waitFor()
    const sizeOfPreview = () =>
      preview.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])
    expect(await sizeOfPreview()).toEqual([640, 480])
    const canvas = page.locator('[data-grid-preview] canvas')
    const size = () => canvas.evaluate(({ width, height }: HTMLCanvasElement) => [width, height])
    expect(await size()).toEqual([20, 15])
    await page.getByText('Tiles and size').click()
    await page.getByLabel('Tile size').fill('8')
    expect(await size()).toEqual([40, 30])
    await page.getByLabel('Scale factor').fill('')
    // Tenfold by default, like metapixel, up to 57,600 tiles.
    await page.getByText('30,000 tiles, 1,600 × 1,200 px.').waitFor()
    await page.getByText(/The preview has 4,\d{3} tiles/).waitFor()
    expect(await sizeOfPreview()).toEqual([960, 720])
    await screenshot(page, 'grid-preview')
    expect(await axeViolations(page)).toEqual([])
    expect(troubles).toEqual([])
  })

  it('lets a phone take the photo with no extra tap', async () => {
    await using visitor = await visit(browser, site.url, phone)
    const { page } = visitor
    await page.goto('/new')
    await page.getByText('Take a photo').waitFor()
    await page.locator('#camera').setInputFiles({ ...(await holiday()), name: 'camera.jpg' })
    await page.getByText('camera.jpg').waitFor()
    expect(
      await page.getByLabel('Choose a photo').evaluate((input: HTMLInputElement) => input.files?.[0]?.name),
    ).toBe('camera.jpg')
    expect(await overflow(page)).toBe(0)
    await screenshot(page, 'phone-make')
  })
})

describe('a photo', () => {
  for (const way of ['drop', 'paste'] as const) {
    it(`is accepted by ${way}, anywhere on the page`, async () => {
      await using visitor = await visit(browser, site.url)
      const { page, troubles } = visitor
      await page.goto('/new')
      const bytes = [...(await photo())]
      await page.evaluate(
        ([way, bytes]) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array(bytes)], 'given.jpg', { type: 'image/jpeg' }))
          const init = { bubbles: true, cancelable: true }
          const event =
            way === 'drop'
              ? new DragEvent('drop', { ...init, dataTransfer: data })
              : new ClipboardEvent('paste', { ...init, clipboardData: data })
          document.querySelector('h1')?.dispatchEvent(event)
        },
        [way, bytes] as const,
      )
      await page.getByText('given.jpg').waitFor()
      await page.getByText('160 × 120 px').waitFor()
      expect(
        await page.getByLabel('Choose a photo').evaluate((input: HTMLInputElement) => input.files?.length),
      ).toBe(1)
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByText('Choose a photo').waitFor()
      expect(troubles).toEqual([])
    })
  }
})

describe('a network that fails', () => {
  it('loses neither photo nor fields, and a job without events is polled', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    await page.goto('/new')
    await page.getByLabel('Choose a photo').setInputFiles(await holiday())
    await chooseSmallMosaic(page)
    await page.route('**/new', (route) => route.abort('connectionrefused'))
    await page.route('**/events', (route) => route.fulfill({ status: 502 }))
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await page.getByText('The server cannot be reached. Your photo is still here').waitFor()
    await page.unroute('**/new')
    site.gate.close()
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await heading(page, 'In the making')
    site.gate.open()
    // Events are blocked, so the job is polled.
    await heading(page, 'Done')
  })
})

describe('invalid values', () => {
  /** Submits a form like a browser without JavaScript; returns the errors on the page by field. */
  async function refused(path: string, fields: Record<string, string>) {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    body.set('image', new File([new Uint8Array(await photo())], 'holiday.jpg', { type: 'image/jpeg' }))
    const answer = await fetch(site.url + path, { method: 'POST', body, headers: { Origin: site.url } })
    const page = await answer.text()
    const beside = [...page.matchAll(/data-error="(\w+)"[^>]*>([^<]+)</g)].map(([, name, text]) => [
      name,
      text,
    ])
    return { status: answer.status, page, beside: Object.fromEntries(beside) as Record<string, string> }
  }

  it('are explained next to their fields, with everything typed still there', async () => {
    const { status, page, beside } = await refused('/new', {
      library: 'small',
      ...{ cell: '4', scale: 'large', distance: '1001', most: '0', quality: '101' },
      ...{ tone: 'loud', search: 'slow', flips: 'on', pyramid: 'none' },
    })
    expect(status).toBe(422)
    expect(Object.keys(beside).sort()).toEqual(
      ['cell', 'distance', 'flips', 'most', 'pyramid', 'quality', 'scale', 'search', 'tone'].sort(),
    )
    expect(beside.most).toBe('Expected at least 1; received 0')
    expect(page).toContain('value="1001"')
    // The section with the error is expanded.
    expect(page.match(/<details open/g)).toHaveLength(2)
  })

  it('of a resize are explained, too', async () => {
    const { beside } = await refused('/resize', {
      width: '9000',
      quality: '0',
      format: 'bmp',
      withoutEnlargement: 'on',
    })
    expect(Object.keys(beside).sort()).toEqual(['format', 'quality', 'width'])
  })
})

describe('an unusable picture', () => {
  it('is rejected with a message next to the field, and the page stays', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    await page.goto('/new')
    const note = { name: 'note.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('This is a shopping list.') }
    await page.getByLabel('Choose a photo').setInputFiles(note)
    await page.getByText('note.jpg cannot be shown as a picture').waitFor()
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await page.locator('#image-error', { hasNotText: 'cannot be shown' }).waitFor()
    expect(await page.locator('#image-error').textContent()).toMatch(/picture|image/i)
    expect(new URL(page.url()).pathname).toBe('/new')
  })

  it('is not sent if none was chosen', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/new')
    await page.getByRole('button', { name: 'Make my mosaic' }).click()
    await page.getByText('Choose a photo, or paste a link to one.').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('image')
    expect(troubles).toEqual([])
  })
})

const naturalWidth = (image: Element) =>
  (image as HTMLImageElement).decode().then(() => (image as HTMLImageElement).naturalWidth)

/** How much wider the page is than the window, pixels. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
