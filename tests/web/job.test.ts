/** A job's page with its steps. */
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

/** 20 x 15 cells. */
async function startMosaic() {
  const source = await site.stack.upload(await photo())
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 80 }
  return await site.stack.start('mosaic', { source, params })
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const line = (page: Page, step: string) => page.locator('.steps li', { hasText: step })

describe('the timeline of a job', () => {
  it('shows a step that is retried and why, then how long each took', async () => {
    // The third attempt keeps running until everything is checked.
    site.gate.close()
    site.gate.fail(2)
    const { workflowId } = await startMosaic()
    await using visitor = await visit(browser, site.url, phone)
    const { page, troubles } = visitor
    await page.goto(`/jobs/${workflowId}`)
    await line(page, 'Match tiles').getByText('Retrying, attempt').waitFor()
    await line(page, 'Match tiles').getByText('The step failed unexpectedly').waitFor()
    await screenshot(page, 'job-retrying')
    expect(await axeViolations(page)).toEqual([])
    site.gate.open()

    await heading(page, 'Done')
    await line(page, 'Match tiles').getByText('Succeeded on attempt 3.').waitFor()
    // The first backoff is one second.
    const told = page.locator('.steps .figure')
    await expect.poll(() => told.count()).toBe(6)
    const figures = await told.allTextContents()
    for (const figure of figures) expect(figure).toMatch(/^(\d+ ms|\d+\.\d s)$/)
    expect(Number.parseFloat(figures[1]!)).toBeGreaterThanOrEqual(2)
    await line(page, 'Compose').getByText('20 x 15 cells of 16 px').waitFor()
    // Knowing an upload's name grants access to it, so only operators see it.
    expect(await page.content()).not.toContain('uploads/')
    await screenshot(page, 'job-done')
    const history = page.getByRole('link', { name: 'See its history in Temporal' })
    expect(await history.getAttribute('href')).toMatch(new RegExp(`/workflows/${workflowId}/[^/]+/history$`))
    expect(troubles).toEqual([])
  })

  it('works without JavaScript, including steps kept by a replay', async () => {
    site.gate.close()
    const handle = await startMosaic()
    const { workflowId } = handle
    await using visitor = await visit(browser, site.url, { javaScriptEnabled: false })
    const { page, troubles } = visitor
    await page.goto(`/jobs/${workflowId}`)
    await page.locator('.steps .now', { hasText: 'Match tiles' }).waitFor()
    await handle.terminate('the machine was needed')
    await heading(page, 'That did not work')
    await page.locator('.steps .stopped', { hasText: 'Match tiles' }).waitFor()
    site.gate.open()
    await page.getByRole('button', { name: 'Replay from' }).click()
    await heading(page, 'Done')
    expect(await page.locator('.steps .done').count()).toBe(6)
    await page.getByRole('heading', { name: 'Earlier runs' }).waitFor()
    await page.getByText('the machine was needed').waitFor()
    expect(troubles).toEqual([])
  })
})
