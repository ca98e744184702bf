/** Large mosaics have small histories too, because pixels and plans go through the store. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { weigh } from './history.ts'
import { photo } from './pictures.ts'
import { type Stack, startStack } from './stack.ts'
import { addStripedTiles } from './striped-tiles.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
  await addStripedTiles(stack.store, 'two-hundred', 200)
})
afterAll(async () => await stack?.stop())

it('a mosaic of 60,000 cells', { timeout: 120_000 }, async () => {
  const source = await stack.upload(await photo(600, 400))
  const params = { library: 'two-hundred', cell: 8, scale: 4, distance: 3, quality: 80 }
  const handle = await stack.start('mosaic', { source, params })
  const { cells } = await handle.result()
  expect(cells).toEqual({ columns: 300, rows: 200 })
  const { events, bytes, largestPayload } = await weigh(handle)
  expect(events).toBeLessThan(2_000)
  expect(bytes).toBeLessThan(1_000_000)
  expect(largestPayload).toBeLessThan(64 * 1024)
})
