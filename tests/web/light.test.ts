/** Weight and stability of the gallery: the limits that `bench/gallery.ts` prints with timings. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
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
    it(`is light, and does not shift while it loads and is scrolled, on a ${size}`, async () => {
      await using visitor = await visit(browser, site.url, options)
      const { page, troubles } = visitor
      const figures = await watchFigures(page)
      await page.goto('/')
      const loaded = () =>
        page.waitForFunction(async () => {
          // At a reader's pace: content is requested before its place is reached.
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

  it('does not shift while its page arrives in parts', async () => {
    await using line = await slowLine(site.url)
    await using visitor = await visit(browser, line.url)
    const { page } = visitor
    const figures = await watchFigures(page)
    await page.goto('/')
    expect(await page.locator('.rows li').count()).toBe(24)
    expect((await figures()).cls).toBeLessThan(0.02)
  })
})

/** The site behind a slow connection that pauses after each of the first cards, long enough for a paint. */
async function slowLine(url: string) {
  const server = createServer(async ({ url: path, headers }, response) => {
    // The event stream never ends, and nothing changes here.
    if (path!.endsWith('/events')) return void response.writeHead(204).end()
    const { host: _, ...rest } = headers as Record<string, string>
    const answer = await fetch(new URL(path!, url), { headers: { ...rest, 'accept-encoding': 'identity' } })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    const body = Buffer.from(await answer.arrayBuffer())
    if (answer.headers.get('content-type')?.startsWith('text/html')) {
      const parts = body.toString().split(/(?<=<\/li>)/)
      for (const part of parts.slice(0, 8)) {
        response.write(part)
        await sleep(100)
      }
      response.end(parts.slice(8).join(''))
    } else response.end(body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
