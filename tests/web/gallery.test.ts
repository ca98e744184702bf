/** The gallery as people meet it: empty, full, far back, with every kind of name. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { photo } from '../workflows/pictures.ts'
import { axeViolations, launch, phone, screenshot, visit } from './browser.ts'
import { type Site, startSite } from './site.ts'

let site: Site
let browser: Browser
beforeAll(async () => {
  ;[site, browser] = await Promise.all([startSite({ tiles: 1 }), launch()])
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
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

/** Mosaics as the store and the gallery know them after their jobs have long been forgotten. */
async function hang(count: number): Promise<void> {
  const bytes = await photo(320, 200)
  for (let index = 0; index < count; index++) {
    const id = `mosaic-hung-${index}`
    await site.stack.store.put('small', `${id}.jpg`, bytes, { contentType: 'image/jpeg' })
    const entry: GalleryEntry = {
      id,
      url_small: `/v1/jobs/${id}/files/small.jpg`,
      url_large: `/v1/jobs/${id}/files/large.jpg`,
      username: index === 6 ? 'bo' : '',
      author: names[index % names.length]!,
      date: new Date(Date.UTC(2026, 0, 30 - index)).toISOString(),
      width: 3200,
      height: 2000,
    }
    await site.stack.gallery.put(entry)
  }
}

describe.sequential('the gallery', () => {
  it('invites when it is empty', async () => {
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/')
    await page.getByText('The wall is still empty.').waitFor()
    await page.getByRole('link', { name: 'Make the first mosaic' }).click()
    expect(await page.locator('#make').isVisible()).toBe(true)
    expect(troubles).toEqual([])
  })

  it('shows the newest first, pages by plain links, and never runs what a name holds', async () => {
    await hang(7)
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto('/')
    const captions = () => page.locator('.rows .caption bdi').allTextContents()
    expect(await captions()).toEqual(['Ada', '名前 🎉'])
    await page.getByRole('link', { name: 'Older' }).click()
    expect(await captions()).toEqual(['علي حسن', '<script>alert(1)</script>', names[5]])
    await page.getByRole('link', { name: 'Older' }).click()
    expect(await captions()).toEqual(['Bo'])
    expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Newest' }).click()
    expect(await captions()).toEqual(['Ada', '名前 🎉'])
    expect(troubles).toEqual([])
  })

  it('does not move when its pictures arrive', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    await page.addInitScript(() => {
      const shifts = { sum: 0 }
      Object.assign(globalThis, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.sum += (entry as PerformanceEntry & { value: number }).value
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto('/', { waitUntil: 'networkidle' })
    await page.mouse.wheel(0, 2_000)
    await page.waitForFunction(() => [...document.images].every((image) => image.complete))
    const shift = await page.evaluate(() => (globalThis as unknown as { shifts: { sum: number } }).shifts.sum)
    expect(shift).toBeLessThan(0.02)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, options] of [
      ['desktop', {}],
      ['phone', phone],
    ] as const) {
      it(`has no accessibility violations on a ${size}, ${colorScheme}`, async () => {
        await using visitor = await visit(browser, site.url, { ...options, colorScheme })
        const { page, troubles } = visitor
        for (const path of ['/', '/mosaic/mosaic-hung-5']) {
          await page.goto(path, { waitUntil: 'networkidle' })
          expect(await axeViolations(page)).toEqual([])
          const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
          expect(await page.evaluate(overflow)).toBe(0)
          await screenshot(page, `${path === '/' ? 'home' : 'mosaic'}-${size}-${colorScheme}`)
        }
        expect(troubles).toEqual([])
      })
    }
  }

  it('goes to the newest when a link names a place that never was', async () => {
    const answer = await fetch(`${site.url}/?after=junk`, {
      redirect: 'manual',
      headers: { Accept: 'text/html' },
    })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('Location')).toBe('/#gallery')
  })
})

describe('addresses that lead nowhere', () => {
  it('answer people with a page and programs with a problem', async () => {
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
  it('let in no script, style, frame or form from elsewhere', async () => {
    const answer = await fetch(site.url)
    const policy = answer.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
  })

  it('keep bundled files for a year, and are asked for anew themselves', async () => {
    const answer = await fetch(site.url)
    expect(answer.headers.get('Cache-Control')).toBe('no-cache')
    const style = /href="(\/assets\/main-[^"]+\.css)"/.exec(await answer.text())?.[1]
    const asset = await fetch(site.url + style, { headers: { 'Accept-Encoding': 'gzip' } })
    expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('Content-Encoding')).toBe('gzip')
    expect((await fetch(`${site.url}/assets/..%2f..%2fpackage.json`)).status).toBe(404)
  })

  it('refuse a form that another site sent', async () => {
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
