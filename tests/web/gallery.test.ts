/** The gallery: empty, full, many pages deep, with all kinds of names. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { axeViolations, visit } from './browser.ts'
import { hang } from './hung-mosaics.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let browser: Browser
it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service, { ownGallery: true })
})
afterAll(async () => {
  await site?.close()
})

const names = [
  'Ada',
  '',
  '名前 🎉',
  'علي حسن',
  '<script>alert(1)</script>',
  `A${' very'.repeat(30)} long name`,
  'Bo',
]

const captions = (page: Page) => page.locator('.rows .caption bdi').allTextContents()

describe.sequential('the gallery', () => {
  it('invites visitors when it is empty', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/')
    await page.getByText('The gallery is still empty.').waitFor()
    await page.getByRole('link', { name: 'Make the first mosaic' }).click()
    expect(await page.locator('#make').isVisible()).toBe(true)
    expect(troubles).toEqual([])
  })

  it('shows the first mosaic without a reload', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    const watching = page.waitForResponse('**/v1/gallery/events')
    await page.goto('/')
    await watching
    await hang(site, { number: 0, more: { author: names[0]! } })
    await page.getByRole('link', { name: 'Mosaic by Ada' }).waitFor()
    await page.getByText('1 mosaic, newest first').waitFor()
    expect(await page.getByText('The gallery is still empty.').count()).toBe(0)
    expect(troubles).toEqual([])
  })

  it('shows the newest first, pages with plain links, and never executes a name', async () => {
    for (let number = 1; number < 7; number++)
      await hang(site, { number, more: { author: names[number]!, username: number === 6 ? 'bo' : '' } })
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto('/')
    await expect.poll(() => captions(page)).toEqual(['Ada', '名前 🎉'])
    await page.getByRole('link', { name: 'Older' }).click()
    await expect.poll(() => captions(page)).toEqual(['علي حسن', '<script>alert(1)</script>', names[5]])
    await page.getByRole('link', { name: 'Older' }).click()
    await expect.poll(() => captions(page)).toEqual(['Bo'])
    expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Newest' }).click()
    await expect.poll(() => captions(page)).toEqual(['Ada', '名前 🎉'])
    expect(troubles).toEqual([])
  })

  it('finds the mosaics of one person, by handle or name, without JavaScript', async () => {
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto('/')
    await page.getByLabel('Find by handle or name').fill('@BO')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('heading', { name: 'Mosaics by @BO' }).waitFor()
    await expect.poll(() => captions(page)).toEqual(['Bo'])
    await page.getByLabel('Find by handle or name').fill('<b>nobody')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('There are no mosaics under this name yet.').waitFor()
    await page.getByRole('link', { name: 'All mosaics' }).click()
    await page.getByRole('link', { name: 'Ada', exact: true }).click()
    await expect.poll(() => captions(page)).toEqual(['Ada'])
    expect(troubles).toEqual([])
  })

  it('links to the post that asked for a mosaic, and never to a script URL', async () => {
    const posts = { 7: 'https://social.example/@ada/1', 8: 'javascript:alert(1)' }
    for (const [number, post_url] of Object.entries(posts))
      await hang(site, { number: Number(number), more: { author: `poster ${number}`, post_url } })
    const html = await (await fetch(`${site.url}/?by=poster%207`)).text()
    expect(html).toContain('href="https://social.example/@ada/1"')
    expect(await (await fetch(`${site.url}/?by=poster%208`)).text()).not.toContain('javascript:')
    for (const number of [7, 8]) await site.gallery.remove(`mosaic-hung-${number}`)
  })

  it('reserves its space before pictures arrive, in rows of equal height', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    // Only the space and the placeholder of each picture.
    await page.route('**/mosaic_files/**', (route) => route.abort())
    await page.goto('/')
    await page.getByRole('link', { name: 'Mosaic by Bo' }).waitFor()
    const boxes = await page.locator('.rows li').evaluateAll((items) =>
      items.map((item) => {
        const { top, width, height } = item.getBoundingClientRect()
        const placeholder = item.querySelector<HTMLImageElement>('.placeholder')!
        return {
          top,
          ratio: width / height,
          height,
          placeholder: placeholder.complete && placeholder.naturalWidth,
        }
      }),
    )
    const shapes = [1.6, 1, 0.6, 4]
    for (const [index, { ratio, placeholder }] of boxes.entries()) {
      expect(ratio).toBeCloseTo(shapes[index % shapes.length]!, 1)
      expect(placeholder).toBeGreaterThan(1)
    }
    for (const { top, height } of boxes)
      for (const other of boxes.filter((box) => box.top === top)) expect(other.height).toBeCloseTo(height, 0)
  })

  it('is endless with JavaScript, and lets visitors reach its end', async () => {
    for (let number = 10; number < 30; number++) await hang(site, { number })
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    const cards = page.locator('.rows li')
    const shown = (count: number) =>
      page.waitForFunction((wanted) => document.querySelectorAll('.rows li').length === wanted, count)
    await page.goto('/')
    // Pages of three: four more load by themselves near the end, then a click is needed.
    await page.mouse.wheel(0, 20_000)
    await shown(15)
    await page.getByRole('link', { name: 'Older' }).click()
    await shown(27)
    expect(
      await cards.evaluateAll((items) => new Set(items.map((item) => (item as HTMLElement).dataset.id)).size),
    ).toBe(27)
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.dataset.id)).toBe(
      'mosaic-hung-18',
    )
    expect(troubles).toEqual([])
  })

  it('shows new mosaics at once at the top, and announces them further down', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    const watching = page.waitForResponse('**/v1/gallery/events')
    await page.goto('/')
    await watching
    await hang(site, { number: -1, more: { author: 'Early bird' } })
    await page.getByRole('link', { name: 'Mosaic by Early bird' }).waitFor()
    await page.getByRole('status').getByText('New: Mosaic by Early bird').waitFor({ state: 'attached' })
    expect((await captions(page))[0]).toBe('Early bird')

    // While somebody is reading, nothing moves until they ask for it.
    await page.getByRole('link', { name: 'Mosaic by Ada' }).focus()
    await hang(site, { number: -2, more: { author: 'Second bird' } })
    await page.getByRole('button', { name: '1 new mosaic' }).waitFor()
    expect((await captions(page))[0]).toBe('Early bird')
    await page.getByRole('button', { name: '1 new mosaic' }).click()
    expect((await captions(page))[0]).toBe('Second bird')

    await site.gallery.remove('mosaic-hung--1')
    await page.getByRole('link', { name: 'Mosaic by Early bird' }).waitFor({ state: 'detached' })
    await site.gallery.remove('mosaic-hung--2')
    expect(troubles).toEqual([])
  })

  it('redirects the older site’s links to the mosaic', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    await page.goto('/#/mosaic/mosaic-hung-3')
    await page.waitForURL('**/mosaic/mosaic-hung-3')
  })

  it('shows the newest for an invalid cursor', async () => {
    const answer = await fetch(`${site.url}/?after=junk`, {
      redirect: 'manual',
      headers: { Accept: 'text/html' },
    })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('Location')).toBe('/#gallery')
  })
})

describe('unknown URLs', () => {
  it('give people a page and programs a problem', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    for (const path of ['/nowhere', '/jobs/mosaic-none', '/mosaic/none']) {
      const answer = await page.goto(path)
      expect(answer?.status()).toBe(404)
      await page.getByRole('link', { name: 'Make a mosaic' }).waitFor()
    }
    expect(await axeViolations(page)).toEqual([])
    const program = await fetch(`${site.url}/nowhere`, { headers: { Accept: 'application/json' } })
    expect(program.status).toBe(404)
    expect(program.headers.get('Content-Type')).toContain('application/problem+json')
  })
})

describe('the pages', () => {
  it('allow no scripts, styles, frames or forms from elsewhere', async () => {
    const answer = await fetch(site.url)
    const policy = answer.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
  })

  it('let bundled files be cached for a year, and are revalidated themselves', async () => {
    const answer = await fetch(site.url)
    expect(answer.headers.get('Cache-Control')).toBe('no-cache')
    const style = /href="(\/assets\/main-[^"]+\.css)"/.exec(await answer.text())?.[1]
    const asset = await fetch(site.url + style, { headers: { 'Accept-Encoding': 'gzip' } })
    expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('Content-Encoding')).toBe('gzip')
    expect((await fetch(`${site.url}/assets/..%2f..%2fpackage.json`)).status).toBe(404)
  })

  it('reject forms from other sites', async () => {
    const body = new FormData()
    body.set('type', 'mosaic')
    const headers = {
      Origin: 'https://elsewhere.example',
      'Sec-Fetch-Site': 'cross-site',
      Accept: 'text/html',
    }
    const answer = await fetch(`${site.url}/new`, { method: 'POST', body, headers })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('Not from here')
  })
})
