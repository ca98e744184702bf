/** Browser tests share one Chromium and one service per test process. */
import { test } from 'vitest'
import { launch } from './browser.ts'
import { startService } from './service.ts'

export const it = test
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it what a fixture needs.
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await launch()
    onCleanup(() => browser.close())
    return browser
  })
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  .extend('service', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const service = await startService()
    onCleanup(() => service.stop())
    return service
  })
