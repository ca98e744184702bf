/** Size and timing of a page, as measured by Chromium. Shared by the tests and `bench/gallery.ts`. */
import type { Page } from 'playwright-core'

export interface Figures {
  /** Largest contentful paint, ms. */
  lcp: number
  /** Cumulative layout shift: the sum of all shifts not caused by input. */
  cls: number
  /** Transferred bytes of scripts, compressed. */
  scriptBytes: number
  /** Transferred bytes of everything. */
  bytes: number
}

/** Call it before opening the page. @returns the measurements so far */
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
    // No named functions here: the test runner may add code for names that the page does not have.
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
