/** Resizing one or many pictures on the site. */
import { buffer } from 'node:stream/consumers'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, describe, expect } from 'vitest'
import { fromBuffer } from 'yauzl'
import { resizePicture } from '../../engine/index.ts'
import { fits, resizedTo } from '../../web/islands/resized-to.ts'
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

const picture = async (name = 'holiday.jpg', width = 160, height = 120) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: Buffer.from(await photo(width, height)),
})
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

describe('one picture', () => {
  it('can be resized on a phone, by a named size, with a preview', async () => {
    await using visitor = await visit(browser, site.url, phone)
    const { page, troubles } = visitor
    await page.goto('/resize')
    await page.getByLabel('Choose pictures').setInputFiles(await picture())
    await page.getByRole('link', { name: 'Avatar' }).tap()
    await page.locator('[data-frame]').getByText('256 × 256 px').waitFor()
    expect(await page.getByLabel('Fit', { exact: true }).inputValue()).toBe('cover')
    await page.getByLabel('Width').fill('80')
    await page.getByLabel('Height').fill('')
    await page.locator('[data-frame]').getByText('80 × 60 px').waitFor()
    await screenshot(page, 'phone-resize')
    expect(await axeViolations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await page.getByRole('button', { name: 'Resize' }).tap()
    await heading(page, 'Done')
    await page.getByText('80 × 60 px, JPEG').waitFor()
    const shown = page.getByRole('img', { name: 'holiday.jpg, resized' })
    expect(
      await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBe(80)
    expect(await page.getByRole('link', { name: 'Download' }).getAttribute('download')).toBe(
      'holiday-80x60.jpg',
    )
    expect(await overflow(page)).toBe(0)
    // It can be found again after closing the tab.
    await page.goto('/resize')
    await page.getByRole('region', { name: 'Yours, on this device' }).getByRole('link').tap()
    await heading(page, 'Done')
    expect(troubles).toEqual([])
  })

  it('can be resized by keyboard alone', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/resize')
    await page.getByLabel('Choose pictures').setInputFiles(await picture())
    await page.getByRole('link', { name: 'Thumbnail' }).focus()
    await page.keyboard.press('Enter')
    await tabTo(page, '#width')
    expect(await page.getByLabel('Width').inputValue()).toBe('320')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('40')
    await page.keyboard.press('Enter')
    await heading(page, 'Done')
    await tabTo(page, 'a[download]')
    expect(troubles).toEqual([])
  })

  it('that is rejected leaves the form unchanged, without JavaScript too', async () => {
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page } = visitor
    await page.goto('/resize')
    await page.getByLabel('link to one').fill('https://example.com/photo.jpg')
    await page.getByRole('button', { name: 'Resize' }).click()
    await page.getByText('Enter a width, a height, or both.').waitFor()
    expect(await page.getByLabel('link to one').inputValue()).toBe('https://example.com/photo.jpg')
    expect(await page.getByLabel('Width').getAttribute('aria-invalid')).toBe('true')
    // A named size is a link to a filled form.
    await page.getByRole('link', { name: 'Full HD' }).click()
    expect(await page.getByLabel('Height').inputValue()).toBe('1080')
  })
})

describe('many pictures', () => {
  const three = async () => [
    await picture('a.jpg'),
    await picture('b.jpg', 120, 160),
    await picture('名前 ä.jpg'),
  ]

  it('are resized together, independently of each other, and downloaded as one archive', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/resize')
    const broken = { name: 'note.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('a shopping list') }
    await page.getByLabel('Choose pictures').setInputFiles([...(await three()), broken])
    await page.getByText('note.jpg cannot be shown as a picture').waitFor()
    await page.getByLabel('Width').fill('40')
    await page.getByRole('button', { name: 'Resize' }).click()
    await heading(page, 'Done')
    await page.getByText('3 of 3 are done.').waitFor()
    await page.getByText(/note\.jpg: /).waitFor()
    await screenshot(page, 'results')
    expect(await axeViolations(page)).toEqual([])
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download all' }).click()
    const members = await unzip(await buffer(await (await download).createReadStream()))
    expect([...members.keys()].sort()).toEqual(['a-40x30.jpg', 'b-40x53.jpg', '名前 ä-40x30.jpg'])
    expect(await sharp(members.get('b-40x53.jpg')).metadata()).toMatchObject({ width: 40, height: 53 })
    // One rejection is a server response; nothing else goes wrong.
    expect(troubles.filter((trouble) => !/\/resize answered 4|status of 4/.test(trouble))).toEqual([])
  })

  it('are resized without JavaScript', async () => {
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto('/resize')
    await page.getByLabel('Choose pictures').setInputFiles(await three())
    await page.getByLabel('Height').fill('30')
    await page.getByRole('button', { name: 'Resize' }).click()
    await page.getByText('3 of 3 are done.').waitFor()
    await page.getByText('23 × 30 px').waitFor()
    expect(troubles).toEqual([])
  })
})

describe('a results page', () => {
  it('without results says so', async () => {
    for (const path of ['/result', '/result?id=resize-none', '/result?id=mosaic-none']) {
      const answer = await fetch(site.url + path)
      // Like the old PictureResizeApi.
      expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await answer.text()).toContain('No such result')
    }
    expect((await fetch(`${site.url}/result.zip?id=resize-none`)).status).toBe(404)
  })
})

describe('the size shown in the form', () => {
  it('is the size of the result', async () => {
    const bytes = await photo(151, 97)
    const wanted = [
      ...[{ width: 40 }, { height: 33 }, { width: 60, height: 60 }, { width: 31, height: 90 }],
      ...[{ width: 200 }, { height: 120 }, { width: 200, height: 50 }, { width: 90, height: 300 }].flatMap(
        (size) => [size, { ...size, withoutEnlargement: true }],
      ),
    ]
    for (const fit of fits)
      for (const size of wanted) {
        const { width, height } = await resizePicture(bytes, {
          withoutEnlargement: false,
          ...size,
          fit,
          format: 'jpeg',
          quality: 80,
        })
        expect({ fit, size, is: resizedTo({ width: 151, height: 97 }, size, fit) }).toEqual({
          fit,
          size,
          is: { width, height },
        })
      }
  })
})

async function unzip(archive: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>()
  await new Promise<void>((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error)
      zip.on('end', resolve)
      zip.on('entry', (entry) => {
        zip.openReadStream(entry, async (error, stream) => {
          if (error) return reject(error)
          members.set(entry.fileName, await buffer(stream))
          zip.readEntry()
        })
      })
      zip.readEntry()
    })
  })
  return members
}

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return
  }
  throw new Error(`expected to reach ${selector} with the Tab key, it was not reached`)
}
