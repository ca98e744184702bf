import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters, red } from './fingerprint.ts'

const framed = async (background: string) =>
  await sharp(await quarters())
    .extend({ top: 20, bottom: 20, left: 30, right: 30, background })
    .png()
    .toBuffer()

test('trim removes the border before the picture is resized', async () => {
  const resized = await resizePicture(await framed('#fff'), { width: 40, trim: true, format: 'png' })
  expect(resized).toMatchObject({ width: 40, height: 20 })
  expect(await pixelAt(resized.bytes, 2, 2)).toEqual(red)
})

test('trims a given colour within a threshold', async () => {
  const bytes = await framed('#f0f0f0')
  const trim = { colour: '#fff', threshold: 5 }
  expect(await resizePicture(bytes, { width: 70, trim })).toMatchObject({ width: 70, height: 40 })
  expect(await resizePicture(bytes, { width: 70, trim: { ...trim, threshold: 40 } })).toMatchObject({
    height: 35,
  })
})
