/** A mosaic's page: overview, deep zoom, comparison, downloads. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { photo } from '../workflows/pictures.ts'
import { axeViolations, inMotion, looks, phone, screenshot, visit } from './browser.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let browser: Browser
let id: string
it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service)
  id = await makeMosaic()
})
afterAll(async () => {
  await site?.close()
})

/** 30 x 20 cells of 16 px, from 60 tiles. */
async function makeMosaic(): Promise<string> {
  const source = await site.stack.upload(await photo(240, 160))
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 80 }
  const job = await site.stack.start('mosaic', { source, params, author: { name: 'Ada', handle: 'ada' } })
  await job.result()
  return job.workflowId
}

const panel = (page: Page) => page.getByRole('complementary', { name: 'Tile' })
const found = (page: Page) => page.locator('#found')

describe('the deep zoom', () => {
  it('moves to a person’s tiles one by one, and shows whose they are', async () => {
    await using visitor = await visit(browser, site.url, inMotion)
    const { page, troubles } = visitor
    await page.goto(`/mosaic/${id}`)
    await page.getByLabel('Find a tile').fill('@grace')
    await page.getByRole('button', { name: 'Find' }).click()
    await found(page)
      .getByText(/^Place 1 of \d+\.$/)
      .waitFor()
    await panel(page).getByRole('link', { name: 'Grace H.' }).waitFor()
    expect(await panel(page).getByRole('link').getAttribute('href')).toBe('https://photos.example/grace')
    // The original photo, not the cell, which is a square of 16 px.
    const shown = panel(page).getByRole('img', { name: 'The photo of this tile' })
    expect(await shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(48)
    await page.waitForURL(/#at=/)
    const first = page.url()
    const place = await panel(page).getByText('Row').textContent()
    await page.getByRole('button', { name: 'Next place' }).click()
    await found(page)
      .getByText(/^Place 2 of/)
      .waitFor()
    await page.waitForURL((url) => url.href !== first)
    expect(await panel(page).getByText('Row').textContent()).not.toBe(place)
    await screenshot(page, 'mosaic-found')
    expect(await axeViolations(page)).toEqual([])

    await page.getByLabel('Find a tile').fill('nobody at all')
    await page.keyboard.press('Enter')
    await found(page).getByText('No tile of this mosaic is by “nobody at all”').waitFor()
    expect(troubles).toEqual([])
  })

  it('opens at a link’s name or position', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    const plan = await fetch(`${site.url}/v1/jobs/${id}/files/plan.json`)
    const { tiles } = (await plan.json()) as { tiles: { used: { source: string; author?: object }[] } }
    const { source } = tiles.used.find(({ author }) => !author)!
    await page.goto(`/mosaic/${id}?find=${encodeURIComponent(source)}`)
    await panel(page).getByText(source).waitFor()

    const deep = page.waitForResponse(/mosaic_files\/9\//)
    await page.goto('about:blank')
    await page.goto(`/mosaic/${id}#at=0.2500,0.7500,8`)
    await deep
    // The cell there: at a quarter of 30 columns and three quarters of 20 rows.
    await page.getByRole('button', { name: 'Name the tile in the centre' }).click()
    await panel(page).getByText('Row 16, column 8').waitFor()
    expect(new URL(page.url()).hash).toBe('#at=0.2500,0.7500,8')
    expect(troubles).toEqual([])
  })

  it('names the tile under the pointer, selects it with a click, and deselects it with Escape', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    const plan = page.waitForResponse('**/plan.json')
    await page.goto(`/mosaic/${id}#at=0.5,0.5,2`)
    await (await plan).finished()
    const stage = (await page.locator('.stage').boundingBox())!
    const middle = { x: stage.x + stage.width / 2 + 5, y: stage.y + stage.height / 2 + 5 }
    await expect
      .poll(async () => {
        await page.mouse.move(middle.x + Math.random(), middle.y)
        return await panel(page).getByText('Row 11, column 16').count()
      })
      .toBe(1)
    await page.mouse.click(middle.x, middle.y)
    await page.mouse.move(middle.x + 150, middle.y)
    await page.locator('.cell-mark.held').waitFor()
    await panel(page).getByText('Row 11, column 16').waitFor()
    await page.keyboard.press('Escape')
    await panel(page).waitFor({ state: 'hidden' })
    expect(troubles).toEqual([])
  })

  it('can be used by keyboard alone, also before its plan has arrived', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    let deliver = () => {}
    const pressed = new Promise<void>((resolve) => {
      deliver = resolve
    })
    await page.route('**/plan.json', async (route) => {
      await pressed
      await route.continue()
    })
    await page.goto(`/mosaic/${id}`)
    await page.getByText('Zoom into the tiles').waitFor()
    await page.locator('.still').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('application').waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'application')
    await page.keyboard.press('+')
    await page.waitForURL(/#at=/)
    await page.keyboard.press('Enter')
    deliver()
    await panel(page).getByText('Row').waitFor()
    expect(troubles).toEqual([])
  })

  it('respects reduced motion, and selects a tapped tile on a phone', async () => {
    await using visitor = await visit(browser, site.url, phone)
    const { page, troubles } = visitor
    await page.goto(`/mosaic/${id}?find=grace`)
    await panel(page).getByText('Grace H.').waitFor()
    expect(await page.locator('.cell-mark').evaluate((mark) => getComputedStyle(mark).animationName)).toBe(
      'none',
    )

    await page.goto('about:blank')
    await page.goto(`/mosaic/${id}#at=0.5,0.5,3`)
    await page.getByRole('application').waitFor()
    const { x, y, width, height } = (await page.locator('.stage').boundingBox())!
    // A cell is 36 px wide here.
    for (const column of [15, 16]) {
      await page.touchscreen.tap(x + width / 2 + (column - 15.5) * 36, y + height / 2 + 5)
      await panel(page).getByText(`Row 11, column ${column}`).waitFor()
    }
    await screenshot(page, 'mosaic-phone')
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
    expect(troubles).toEqual([])
  })
})

describe('next to the mosaic', () => {
  it('the photo is overlaid, with a slider that works by keyboard', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto(`/mosaic/${id}`)
    const photo = page.getByRole('img', { name: 'What the mosaic was made from' })
    await photo.scrollIntoViewIfNeeded()
    expect(
      await photo.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBe(240)
    const slider = page.getByRole('slider', { name: 'From the photo to the mosaic' })
    const clip = () => page.locator('.compare .over').evaluate((image: HTMLElement) => image.style.clipPath)
    expect(await clip()).toBe('inset(0px 0px 0px 50%)')
    await slider.focus()
    await page.keyboard.press('Home')
    expect(await clip()).toBe('inset(0px 0px 0px 0%)')
    await page.keyboard.press('ArrowRight')
    expect(await clip()).toBe('inset(0px 0px 0px 1%)')
    expect(troubles).toEqual([])
  })

  it('is everything that works without JavaScript', async () => {
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto(`/mosaic/${id}`)
    await page.getByRole('img', { name: 'What the mosaic was made from' }).waitFor()
    await page.getByText('480 × 320 px').waitFor()
    await page.getByText('600 in 20 rows of 30').waitFor()
    await page.getByText(/OKLab/).waitFor()
    for (const name of ['Download large', 'Download small']) await page.getByRole('link', { name }).waitFor()
    expect(await page.getByLabel('Find a tile').isVisible()).toBe(false)
    expect(await page.getByRole('button', { name: 'Delete' }).isVisible()).toBe(false)
    expect(troubles).toEqual([])
  })

  it('a link to it can be copied', async () => {
    await using visitor = await visit(browser, site.url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const { page } = visitor
    await page.goto(`/mosaic/${id}`)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByText('The link has been copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())
  })
})

describe('a link to a mosaic', () => {
  it('shows a preview where it is posted', async () => {
    const html = await (await fetch(`${site.url}/mosaic/${id}`)).text()
    const meta = Object.fromEntries(
      [...html.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)"/g)].map(([, name, content]) => [
        name,
        content,
      ]),
    )
    expect(meta).toMatchObject({
      'og:title': 'Mosaic by Ada · mosaicme',
      'og:url': `${site.url}/mosaic/${id}`,
      'og:image:width': '480',
      'og:image:height': '320',
      'twitter:card': 'summary_large_image',
      'twitter:image': meta['og:image'],
    })
    const picture = await fetch(meta['og:image']!)
    expect(picture.headers.get('Content-Type')).toBe('image/jpeg')
  })
})

describe('the maker of a mosaic', () => {
  /** On the maker's device. */
  const openOwn = async (page: Page, mine: string, view = '') => {
    await page.addInitScript((id) => {
      const job = { id, type: 'mosaic', status: 'succeeded', at: new Date().toISOString() }
      if (!localStorage.getItem('mosaicme.jobs')) localStorage.setItem('mosaicme.jobs', JSON.stringify([job]))
    }, mine)
    await page.goto(`/mosaic/${mine}${view}`)
  }
  const planOf = async (mosaic: string) => {
    const answer = await fetch(`${site.url}/v1/jobs/${mosaic}/files/plan.json`)
    const { tiles, cells } = (await answer.json()) as { tiles: { used: { id: string }[] }; cells: number[] }
    return cells.map((tile) => tiles.used[tile]!.id)
  }
  const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Not this tile' })
  const newMosaic = async (page: Page) => {
    await page.waitForURL((url) => url.pathname.startsWith('/mosaic/') && !url.pathname.endsWith(id))
    return new URL(page.url()).pathname.slice('/mosaic/'.length)
  }

  it('picks another tile for a cell by keyboard alone, and gets to the new mosaic at the same place', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await openOwn(page, id, '#at=0.2500,0.7500,8')
    await page.getByRole('application').waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'application')
    await page.keyboard.press('Enter')
    await panel(page).getByText('Row 16, column 8').waitFor()
    const ask = panel(page).getByRole('button', { name: 'Not this tile' })
    await expect
      .poll(async () => {
        await page.keyboard.press('Tab')
        return await ask.evaluate((button) => button === document.activeElement)
      })
      .toBe(true)
    await page.keyboard.press('Enter')
    const choices = dialogOf(page).getByRole('radio')
    await expect.poll(() => choices.count()).toBe(10)
    await dialogOf(page).getByText('Or use one of these').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await ask.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(() => choices.count()).toBe(10)
    await dialogOf(page).getByText('Or use one of these').waitFor()
    await choices.first().focus()
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown')
    const wanted = await choices.nth(4).getAttribute('value')
    expect(await choices.nth(4).isChecked()).toBe(true)
    await screenshot(page, 'mosaic-edit')
    await page.keyboard.press('Enter')
    const made = await newMosaic(page)
    expect(new URL(page.url()).hash).toBe('#at=0.2500,0.7500,8')
    const [before, after] = [await planOf(id), await planOf(made)]
    const at = 15 * 30 + 7
    expect(after.flatMap((tile, cell) => (tile === before[cell] ? [] : [cell]))).toEqual([at])
    expect(after[at]).toBe(wanted)
    // They own the new one, too.
    await page.getByRole('button', { name: 'Delete' }).waitFor()
    await page.getByRole('link', { name: 'the version before' }).waitFor()
    expect(troubles).toEqual([])
  })

  it('bans a tile by tapping on a phone, sees errors, and can leave while it is made', async () => {
    await using visitor = await visit(browser, site.url, { ...phone, colorScheme: 'dark' })
    const { page } = visitor
    await openOwn(page, id, '#at=0.5,0.5,3')
    await page.getByRole('application').waitFor()
    await page.getByRole('button', { name: 'Name the tile in the centre' }).tap()
    await panel(page).getByRole('button', { name: 'Not this tile' }).tap()
    await dialogOf(page).getByText('Or use one of these').waitFor()
    await dialogOf(page).getByRole('radio', { name: 'Nowhere' }).check()
    await page.route('**/edits', (route) => route.abort())
    const make = dialogOf(page).getByRole('button', { name: 'Make the new mosaic' })
    await make.tap()
    await dialogOf(page).getByText('The server cannot be reached').waitFor()
    expect(await axeViolations(page, looks)).toEqual([])
    await screenshot(page, 'mosaic-edit-phone-dark')
    await page.unroute('**/edits')
    site.gate.close('/large.jpg')
    await make.tap()
    await dialogOf(page).getByText('Compose the mosaic').waitFor()
    await dialogOf(page).getByRole('button', { name: 'Close' }).tap()
    await page.getByRole('link', { name: 'Watch it' }).tap()
    await page.waitForURL(/\/jobs\//)
    site.gate.open()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    const made = new URL(page.url()).pathname.slice('/jobs/'.length)
    const banned = (await planOf(id))[10 * 30 + 15]!
    expect(await planOf(made)).not.toContain(banned)
  })

  it('is the only one who can, and not for mosaics made for posts', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto(`/mosaic/${id}#at=0.5,0.5,3`)
    await page.getByRole('application').waitFor()
    await page.getByRole('button', { name: 'Name the tile in the centre' }).click()
    await panel(page).getByText('Row 11, column 16').waitFor()
    expect(await panel(page).getByRole('button').count()).toBe(0)
    expect(troubles).toEqual([])
    const entry = (await site.gallery.get(id))!
    const html = async () => await (await fetch(`${site.url}/mosaic/${id}`)).text()
    expect(await html()).toContain('data-edit')
    await site.gallery.put({ ...entry, post_url: 'https://x.example/1' })
    expect(await html()).not.toContain('data-edit')
    await site.gallery.put(entry)
  })

  it('can delete it for everybody, on the device it was made on', async () => {
    const mine = await makeMosaic()
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await openOwn(page, mine)
    page.once('dialog', (dialog) => void dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL((url) => url.pathname === '/')
    expect((await fetch(`${site.url}/mosaic/${mine}`)).status).toBe(404)
    expect((await fetch(`${site.url}/v1/jobs/${mine}/files/target.jpg`)).status).toBe(404)
    await page.goto('/new')
    expect(await page.getByText('Yours, on this device').isVisible()).toBe(false)
    expect(troubles).toEqual([])
  })
})
