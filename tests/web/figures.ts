/** What a page weighs and how long it takes, as Chromium itself measures it. Shared by the tests and `bench/gallery.ts`. */
import type { Page } from 'playwright-core'

export interface Figures {
  /** Largest contentful paint, ms. */
  lcp: number
  /** Cumulative layout shift, the sum of all that no input caused. */
  cls: number
  /** Of scripts as they travelled, compressed. */
  scriptBytes: number
  /** Of everything. */
  bytes: number
}

/** Call it before the page is opened. @returns what has been measured so far */
export async function watchFigures(page: Page): Promise<() => Promise<Figures>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const scripts = new Set<string>()
  let scriptBytes = 0
  let bytes = 0
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength
    if (scripts.has(requestId)) scriptBytes += encodedDataLength
  })
  await page.addInitScript(() => {
    const figures = { lcp: 0, cls: 0 }
    Object.assign(globalThis, { figures })
    // No function of ours has a name here: what runs this may mark names with code that the page does not have.
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) figures.lcp = startTime
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as PerformanceEntry & {
          value: number
          hadRecentInput: boolean
        }
        if (!hadRecentInput) figures.cls += value
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return async () => ({
    ...(await page.evaluate(
      () => (globalThis as unknown as { figures: { lcp: number; cls: number } }).figures,
    )),
    scriptBytes,
    bytes,
  })
}
