/** A real Chromium, with pages that record everything that goes wrong. */
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args })

export interface Visit {
  page: Page
  /** Console errors (including violations of the security policy), script errors, failed requests. */
  troubles: string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** A visitor with an empty profile, by default with reduced motion, since animated pages are drawn sixty times a second. */
export async function visit(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    ...{ baseURL, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
    ...options,
  })
  const page = await context.newPage()
  // A step of one second may take twenty on a busy machine.
  page.setDefaultTimeout(30_000)
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(`${error}`))
  page.on('requestfailed', (request) => {
    // Requests aborted by leaving a page are not failures.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') troubles.push(`${request.url()} failed`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.url()} answered ${response.status()}`)
    if (!response.url().startsWith(baseURL) && !/^(blob|data):/.test(response.url())) {
      troubles.push(`${response.url()} is a third party's`)
    }
  })
  return { page, troubles, [Symbol.asyncDispose]: () => context.close() }
}

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
}

/** CSS pixels. Taller pages are cut off: the whole documentation would take Chromium minutes. */
const tallest = 6_000

/** For visitors without reduced motion. */
export const inMotion: BrowserContextOptions = { reducedMotion: 'no-preference' }

/**
 * Screenshots for people, on request: `SCREENSHOTS=1 npm test -- tests/web`. There are fifty, half a second of CPU each, at one
 * pixel per CSS pixel, because four times as many take a second to write.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return
  const folder = join('tests', 'output', 'web')
  await mkdir(folder, { recursive: true })
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.screenshot({
    ...{ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 85, scale: 'css' },
    fullPage: height <= tallest,
  })
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Rules that depend on window size and colours; the others are only checked once. */
export const looks = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable']

/** axe-core's findings, one line each. @param only these rules; default: axe-core's own selection */
export async function axeViolations(page: Page, only?: readonly string[]): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  // Evaluated by the debugger, because the document's security policy would rightly reject an added script.
  await page.evaluate(await readFile(axePath, 'utf8'))
  return await page.evaluate(async (runOnly) => {
    // Wait for colour transitions to end.
    const turning = document.getAnimations().filter((animation) => animation instanceof CSSTransition)
    await Promise.allSettled(turning.map(({ finished }) => finished))
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }
    interface AxeResults {
      violations: { id: string; help: string; nodes: { html: string }[] }[]
    }
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) })
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`),
    )
  }, only)
}
