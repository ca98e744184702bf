/** The operator's page: without JavaScript, behind a key if keys are required. */
import type { Browser } from 'playwright-core'
import { afterAll, describe, expect } from 'vitest'
import { openReviewQueue } from '../../adapters/moderation/review-queue.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { photo } from '../workflows/pictures.ts'
import { axeViolations, phone, screenshot, visit } from './browser.ts'
import { it } from './it.ts'
import { openSite, type Site } from './site.ts'

const key = 'operators-key-of-the-test'
let site: Site
let browser: Browser
let failed: string

it.beforeAll(async ({ service, browser: shared }) => {
  browser = shared
  site = await openSite(service, { apiKeys: [key] })
  const source = await site.stack.upload(await photo())
  const params = { library: 'nowhere', cell: 16, scale: 2, distance: 1, quality: 80 }
  const job = await site.stack.start('mosaic', { source, params })
  await job.result().catch(() => undefined)
  failed = job.workflowId
  await hold('tile-1', '<b>Eve</b> von und zu sehr-langer-name-ohne-ende')
  await hold('tile-2', 'Joe')
})
afterAll(async () => {
  await site?.close()
})

/** A waiting photo, as `holdForReview` leaves it. */
async function hold(id: string, name: string): Promise<void> {
  const { store } = site.stack
  const picture = layout.moderation.photo(id)
  await store.put(picture.bucket, picture.key, await photo(), { contentType: 'image/jpeg' })
  await openReviewQueue(store).ask({
    ...{ id, kind: 'tile', at: new Date().toISOString(), picture, contentType: 'image/jpeg' },
    ...{ library: 'guests', name: 'photo.jpg', author: { name, handle: id } },
  })
}

describe('/admin', () => {
  for (const [look, options] of [
    ['on a desktop', { javaScriptEnabled: false }],
    ['on a phone, dark', { ...phone, colorScheme: 'dark' }],
  ] as const) {
    it(`asks for the key, shows everything and is accessible, ${look}`, async () => {
      await using visitor = await visit(browser, site.url, options)
      const { page, troubles } = visitor
      const scripted = !('javaScriptEnabled' in options)
      expect((await page.goto('/admin'))?.status()).toBe(401)
      if (scripted) expect(await axeViolations(page)).toEqual([])
      expect(await page.content()).not.toContain('Moderation')
      await page.getByLabel('API key').fill('another-key-that-nobody-knows')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('This key is unknown').waitFor()
      troubles.length = 0
      await page.getByLabel('API key').fill(key)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Failed jobs' }).waitFor()
      const headings = await page.getByRole('heading', { level: 2 }).allTextContents()
      expect(headings).toEqual([
        ...['Moderation', 'Failed jobs', 'Mosaics', 'Listeners', 'Collectors', 'Inboxes', 'Spending'],
        'Queues',
      ])
      await page.locator('bdi', { hasText: '<b>Eve</b>' }).waitFor()
      const shown = page.locator('#moderation img').first()
      await shown.scrollIntoViewIfNeeded()
      if (scripted) {
        await expect
          .poll(() => shown.evaluate((one: HTMLImageElement) => one.naturalWidth))
          .toBeGreaterThan(0)
        expect(await axeViolations(page)).toEqual([])
        const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
        expect(await page.evaluate(wide)).toBe(0)
      }
      await page.locator('#queues').getByText('tile-match').waitFor()
      expect(await page.locator('#failed').textContent()).toContain(failed)
      expect(await page.locator('#failed a[rel=external]').first().getAttribute('href')).toContain(failed)
      await screenshot(page, `admin-${look.replaceAll(/\W+/g, '-')}`)
      expect(troubles).toEqual([])
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('API key').waitFor()
    })
  }

  it('decides about a picture and replays a job with one button each', async () => {
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page } = visitor
    await page.goto('/admin')
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: /^Reject .*Eve/ }).click()
    await expect.poll(() => page.getByText('<b>Eve</b>').count()).toBe(0)
    await page.getByRole('button', { name: /^Approve .*Joe/ }).click()
    await page.getByText('Nothing is waiting.').waitFor()
    const waits = await openReviewQueue(site.stack.store).page({ limit: 10 })
    expect(waits.items).toEqual([])
    expect(await openReviewQueue(site.stack.store).verdict('tile-1')).toBe('rejected')

    const before = (await site.stack.client.workflow.getHandle(failed).describe()).runId
    await page.getByRole('button', { name: `Replay ${failed}` }).click()
    await page.getByRole('heading', { name: 'Operations' }).waitFor()
    expect((await site.stack.client.workflow.getHandle(failed).describe()).runId).not.toBe(before)
    // A second decision about the same picture is reported.
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join()
    const late = await fetch(`${site.url}/admin/moderation/tile-1/approve`, {
      ...{ method: 'POST', redirect: 'manual' },
      headers: { cookie, 'Content-Type': 'application/x-www-form-urlencoded', Origin: site.url },
    })
    expect(late.headers.get('location')).toBe('/admin?notice=moderation')
  })

  interface Plan {
    grid: { columns: number; rows: number }
    places?: number[]
    cells: number[]
    tiles: { used: { id: string }[] }
  }
  const planOf = async (mosaic: string) => {
    const answer = await fetch(`${site.url}/v1/jobs/${mosaic}/files/plan.json`)
    const plan = (await answer.json()) as Plan
    return { ...plan, shown: plan.cells.map((tile) => plan.tiles.used[tile]!.id) }
  }
  const cellInTheMiddle = ({ grid: { columns, rows }, places, cells }: Plan) =>
    cells.findIndex((_, cell) => {
      const [column, row, side] = places!.slice(cell * 3) as [number, number, number]
      const within = (from: number, count: number) => from <= count / 2 && count / 2 < from + side
      return within(column, columns) && within(row, rows)
    })

  it('edits and deletes other people’s mosaics, with a key that scripts cannot read', async () => {
    const source = await site.stack.upload(await photo(120, 80))
    const plain = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 80 }
    // If cells differ in size, their number does not identify them.
    const params = { ...plain, layout: 'quadtree', detail: 40 } as const
    const job = await site.stack.start('mosaic', { source, params })
    await job.result()
    const before = await planOf(job.workflowId)
    const middle = cellInTheMiddle(before)
    expect(before.places![middle * 3 + 2]).toBeGreaterThan(1)
    await using visitor = await visit(browser, site.url)
    const { page, troubles } = visitor
    await page.goto('/admin')
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Link or ID').fill(`${site.url}/mosaic/${job.workflowId}`)
    troubles.length = 0
    await page.getByRole('button', { name: 'Open it' }).click()
    await page.locator('.still').click()
    await page.getByRole('button', { name: 'Name the tile in the centre' }).click()
    const panel = page.getByRole('complementary', { name: 'Tile' })
    await panel.getByRole('button', { name: 'Not this tile' }).click()
    await page.getByText('Or use one of these').waitFor()
    await page.getByRole('button', { name: 'Make the new mosaic' }).click()
    await page.waitForURL((url) => !url.pathname.endsWith(job.workflowId))
    const made = new URL(page.url()).pathname.slice('/admin/mosaic/'.length)
    const after = await planOf(made)
    expect(after.places).toEqual(before.places)
    expect(after.shown.flatMap((tile, cell) => (tile === before.shown[cell] ? [] : [cell]))).toEqual([middle])
    page.once('dialog', (dialog) => void dialog.accept())
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL((url) => url.pathname === '/')
    expect((await fetch(`${site.url}/mosaic/${made}`)).status).toBe(404)
    expect(troubles).toEqual([])
    // Without the key there is a sign-in form, and no call is passed on.
    const stranger = await fetch(`${site.url}/admin/mosaic/${job.workflowId}`, { redirect: 'manual' })
    expect(stranger.headers.get('location')).toBe('/admin')
    const edit = { method: 'POST', body: '{"replace":[{"x":0,"y":0}]}' }
    expect((await fetch(`${site.url}/admin/v1/jobs/${job.workflowId}/edits`, edit)).status).toBe(403)
    const headers = { 'Content-Type': 'application/json' }
    expect(
      (await fetch(`${site.url}/admin/v1/jobs/${job.workflowId}/edits`, { ...edit, headers })).status,
    ).toBe(401)
  })

  it('shows any job with the key, and none without', async () => {
    const cookie = { cookie: `mosaicme_key=${key}` }
    const look = (path: string, headers: Record<string, string> = cookie) =>
      fetch(site.url + path, { headers, redirect: 'manual' })
    expect(await (await look('/admin')).text()).toContain(`href="/admin/jobs/${failed}"`)
    const page = await look(`/admin/jobs/${failed}`)
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).toContain('data-base="/admin"')
    // The calls of its script.
    for (const path of ['', '/steps', '/events'])
      expect((await look(`/admin/v1/jobs/${failed}${path}`)).status, path).toBe(200)
    const stranger = await look(`/admin/jobs/${failed}`, {})
    expect(stranger.headers.get('location')).toBe('/admin')
    expect((await look(`/admin/v1/jobs/${failed}/steps`, {})).status).toBe(401)
    expect((await look(`/jobs/${failed}`)).status).toBe(401)
    const replay = { method: 'POST', headers: { ...cookie, Origin: site.url } }
    expect((await fetch(`${site.url}/admin/v1/jobs/${failed}/replay`, replay)).status).toBe(202)
  })

  it('can leave while an edited mosaic is made, and gets a link to watch it', async () => {
    const source = await site.stack.upload(await photo(90, 60))
    const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 80 }
    const job = await site.stack.start('mosaic', { source, params })
    await job.result()
    await using visitor = await visit(browser, site.url)
    const { page } = visitor
    await page
      .context()
      .addCookies([{ name: 'mosaicme_key', value: key, domain: '127.0.0.1', path: '/admin' }])
    await page.goto(`/admin/mosaic/${job.workflowId}#at=0.5,0.5,3`)
    await page.getByRole('button', { name: 'Name the tile in the centre' }).click()
    const panel = page.getByRole('complementary', { name: 'Tile' })
    await panel.getByRole('button', { name: 'Not this tile' }).click()
    await page.getByText('Or use one of these').waitFor()
    site.gate.close('/large.jpg')
    await page.getByRole('button', { name: 'Make the new mosaic' }).click()
    const dialog = page.getByRole('dialog', { name: 'Not this tile' })
    await dialog.getByText('Compose the mosaic').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('link', { name: 'Watch it' }).click()
    await page.waitForURL(/\/admin\/jobs\//)
    site.gate.open()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    await page.getByRole('link', { name: 'See every tile' }).click()
    await page.waitForURL(/\/admin\/mosaic\//)
  })

  it('rejects forms from other sites, and shows nothing without the key', async () => {
    const headers = { cookie: `mosaicme_key=${key}`, 'Content-Type': 'application/x-www-form-urlencoded' }
    const ask = (path: string, more: object) =>
      fetch(site.url + path, { method: 'POST', redirect: 'manual', headers: { ...headers, ...more } })
    expect((await ask('/admin/moderation/tile-1/approve', { Origin: 'https://evil.example' })).status).toBe(
      403,
    )
    const picture = await fetch(`${site.url}/admin/moderation/tile-2/picture`)
    expect(picture.status).toBe(401)
    const keyed = await fetch(`${site.url}/admin`, { headers: { cookie: headers.cookie } })
    expect(keyed.status).toBe(200)
    expect(keyed.headers.get('cache-control')).toBe('no-store')
    const signIn = await ask('/admin/sign-in', { Origin: site.url, cookie: '' })
    expect(signIn.status).toBe(401)
    expect(signIn.headers.get('set-cookie')).toBeNull()
  })

  it('keeps the key out of reach of scripts and other pages', async () => {
    const answer = await fetch(`${site.url}/admin/sign-in`, {
      ...{ method: 'POST', redirect: 'manual' },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: site.url },
      body: new URLSearchParams({ key }),
    })
    expect(answer.status).toBe(303)
    const cookie = answer.headers.get('set-cookie') ?? ''
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/admin']) expect(cookie).toContain(word)
  })
})
