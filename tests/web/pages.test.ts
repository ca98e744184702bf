/** Checks every page: no accessibility violations, no console errors, no horizontal overflow, a strict security policy. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { photo } from '../workflows/pictures.ts'
import { axeViolations, inMotion, looks, phone, screenshot, visit } from './browser.ts'
import { hang } from './hung-mosaics.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let browser: Browser
/** Paths by name. */
const pages: Record<string, string> = {}

const long = `A${' very'.repeat(30)}${'-unbreakable'.repeat(20)} name`
const rightToLeft = 'محمد بن عبد الرحمن بن سعيد الطويل جدا'

it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service, { galleryPageSize: 24 })
  // Filled, and without other files' mosaics, which have no records in this store.
  await site.gallery.replaceAll([])
  await hang(site, { number: 0, more: { author: long } })
  await hang(site, { number: 1, more: { author: rightToLeft, post_url: 'https://social.example/1' } })
  await hang(site, { number: 2 })
  const source = await site.stack.upload(await photo())
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 80 }
  const resizing = {
    width: 40,
    fit: 'inside',
    format: 'jpeg',
    quality: 80,
    withoutEnlargement: false,
  } as const
  const [mosaic, failed, resize] = await Promise.all([
    site.stack.start('mosaic', { source, params, author: { name: rightToLeft } }),
    site.stack.start('mosaic', { source, params: { ...params, library: 'nowhere' } }),
    site.stack.start('resize', { source, params: resizing }),
  ])
  await Promise.all([mosaic.result(), failed.result().catch(() => undefined), resize.result()])
  Object.assign(pages, {
    gallery: '/',
    search: `/?by=${encodeURIComponent(rightToLeft)}`,
    'search in vain': `/?by=${encodeURIComponent(long.slice(0, 150))}`,
    make: '/new',
    'resize form': '/resize',
    'job done': `/jobs/${mosaic.workflowId}`,
    'job failed': `/jobs/${failed.workflowId}`,
    mosaic: `/mosaic/${mosaic.workflowId}`,
    'mosaic of a long name': '/mosaic/mosaic-hung-0',
    result: `/result?id=${resize.workflowId}`,
    wall: '/wall/small?cells=80',
    'phone upload': '/u/party',
    'handed in': `/u/party?tile=${'0'.repeat(64)}`,
    docs: '/docs',
    problems: '/docs/problems',
  })
})
afterAll(async () => {
  await site?.close()
})

describe('every page', () => {
  for (const [look, options, rules] of [
    ['on a desktop, light', { ...inMotion, colorScheme: 'light' }, undefined],
    ['on a phone, dark, without motion', { ...phone, colorScheme: 'dark', reducedMotion: 'reduce' }, looks],
  ] as const) {
    it(`is accessible, without errors and without overflow, ${look}`, { timeout: 90_000 }, async () => {
      await using visitor = await visit(browser, site.url, options)
      const { page, troubles } = visitor
      const found: Record<string, string[]> = {}
      for (const [name, path] of Object.entries(pages)) {
        troubles.length = 0
        const answer = await page.goto(path)
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        if (name === 'docs') await page.evaluate(keepAFew, aFew)
        const trouble = [
          ...(answer?.status() === 200 ? [] : [`answered ${answer?.status()}`]),
          ...(await axeViolations(page, rules)),
          ...(options.reducedMotion === 'reduce' ? await moving(page) : []),
          ...(wide > 0 ? [`${wide} px wider than the window`] : []),
          ...((await page.locator('h1').count()) <= 1 ? [] : ['more than one h1']),
          ...troubles,
        ]
        if (trouble.length > 0) found[name] = trouble
        await screenshot(
          page,
          `${name.replaceAll(' ', '-')}-${'isMobile' in options ? 'phone' : 'desktop'}-${options.colorScheme}`,
        )
      }
      expect(found).toEqual({})
    })
  }

  it('allows no inline scripts or styles, and nothing from elsewhere', async () => {
    for (const [name, path] of Object.entries(pages)) {
      const answer = await fetch(site.url + path, { headers: { Accept: 'text/html' } })
      const policy = answer.headers.get('Content-Security-Policy') ?? ''
      expect(policy, name).toMatch(/default-src '(self|none)'/)
      expect(policy, name).not.toContain('unsafe')
      expect(policy, name).toContain("frame-ancestors 'none'")
      const html = await answer.text()
      expect(html, name).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
      expect(html, name).not.toMatch(/(?:src|srcset)="(?:https?:)?\/\/(?!127\.0\.0\.1)/)
    }
  })

  it('has a useful tab order: first the skip link, then its content', async () => {
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    for (const name of ['gallery', 'make', 'resize form', 'mosaic', 'job failed', 'docs']) {
      await page.goto(pages[name]!)
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim()), name).toBe(
        'Skip to content',
      )
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.closest('main') !== null), name).toBe(true)
    }
  })
})

/** Number of calls and schemas checked: the documentation has a hundred of them, made of the same few parts. */
const aFew = 12
const keepAFew = (most: number) => {
  const parts = [...document.querySelectorAll('article')]
  // Spread over all of them, because the first ones are alike.
  const each = Math.ceil(parts.length / most)
  parts.forEach((part, at) => {
    if (at % each > 0) part.remove()
  })
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.contents a'))
    if (!document.getElementById(link.hash.slice(1))) link.closest('li')?.remove()
}

/** Animations, one line each. */
const moving = (page: Page) =>
  page.evaluate(() => [
    ...document
      .getAnimations()
      .filter(({ playState }) => playState === 'running')
      .map(() => 'an animation is running'),
    ...(getComputedStyle(document.documentElement).scrollBehavior === 'smooth'
      ? ['it scrolls smoothly']
      : []),
  ])
