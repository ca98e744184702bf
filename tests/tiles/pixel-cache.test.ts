import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCachedPixels, writeCachedPixels } from '../../activities/tile-library/pixel-cache.ts'
import { newFolder } from './stores.ts'

it('evicts the least recently used pixels when it is full', async () => {
  const folder = await newFolder()
  const pixels = new Uint8Array(1000).fill(7)
  const age = (name: string, seconds: number) => utimes(join(folder, name), seconds, seconds)
  for (const [n, name] of ['a.rgb', 'b.rgb', 'c.rgb'].entries()) {
    await writeCachedPixels(folder, name, pixels, 3500)
    await age(name, 1_000_000 + n)
  }
  expect(await readCachedPixels(folder, 'a.rgb', 1000)).toEqual(Buffer.from(pixels))
  await writeCachedPixels(folder, 'd.rgb', pixels, 3500)
  expect((await readdir(folder)).sort()).toEqual(['a.rgb', 'c.rgb', 'd.rgb'])
})

it('keeps the latest pixels even if they alone exceed the limit', async () => {
  const folder = await newFolder()
  await writeCachedPixels(folder, 'a.rgb', new Uint8Array(1000), 10)
  await writeCachedPixels(folder, 'b.rgb', new Uint8Array(1000), 10)
  expect(await readdir(folder)).toEqual(['b.rgb'])
})
