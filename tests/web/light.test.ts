/** What the gallery weighs, and whether it keeps still: the bars that `bench/gallery.ts` prints with times beside them. */
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { phone, visit } from './browser.ts'
import { watchFigures } from './figures.ts'
import { hang } from './hung-mosaics.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let browser: Browser
it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service, { galleryPageSize: 24, ownGallery: true })
  for (let number = 0; number < 1000; number++) await hang(site, { number })
})
afterAll(async () => {
  await site?.close()
})

describe('a gallery of a thousand mosaics', () => {
  for (const [size, options] of [
    ['desktop', {}],
    ['phone', phone],
  ] as const) {
    it(`is light, and does not move while it loads and is scrolled, on a ${size}`, async () => {
      await using visitor = await visit(browser, site.url, options)
      const { page, troubles } = visitor
      const figures = await watchFigures(page)
      await page.goto('/')
      const loaded = () =>
        page.waitForFunction(async () => {
          // At a reader's pace: what comes next is asked for before its place is reached.
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
          const busy = document.querySelector('.pager [aria-busy]') !== null
          return !busy && [...document.images].every((image) => image.complete || image.loading === 'lazy')
        })
      await loaded()
      for (let screens = 0; screens < 5; screens++) {
        await page.mouse.wheel(0, 1_000)
        await loaded()
      }
      await page.waitForFunction(() => document.querySelectorAll('.rows li').length >= 48)
      const { cls, scriptBytes } = await figures()
      expect(cls).toBeLessThan(0.02)
      expect(scriptBytes).toBeGreaterThan(0)
      expect(scriptBytes).toBeLessThan(40_000)
      expect(troubles).toEqual([])
    })
  }
})
