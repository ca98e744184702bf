import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { difference, pixelAt, quarters } from './fingerprint.ts'

test.each([90, 180, 270, -90])('rotates by %i degrees as sharp does', async (rotate) => {
  const bytes = await quarters()
  const resized = await resizePicture(bytes, { width: 40, rotate, format: 'png' })
  const turned = await sharp(bytes).rotate(rotate).png().toBuffer()
  expect(await difference(resized.bytes, turned)).toBeLessThan(1)
  expect(resized.height).toBe(rotate === 180 ? 20 : 80)
})

test('rotates by any angle and fills the corners with the background', async () => {
  const { bytes } = await resizePicture(await quarters(), {
    width: 60,
    rotate: 45,
    format: 'png',
    background: '#fff',
  })
  expect(await pixelAt(bytes, 1, 1)).toEqual([255, 255, 255, 255])
  const clear = await resizePicture(await quarters(), { width: 60, rotate: 45, format: 'png' })
  expect((await pixelAt(clear.bytes, 1, 1))[3]).toBe(0)
})

test('rotation comes after the EXIF orientation', async () => {
  const lying = await sharp(await quarters())
    .withMetadata({ orientation: 6 })
    .jpeg({ chromaSubsampling: '4:4:4' })
    .toBuffer()
  const resized = await resizePicture(lying, { width: 80, rotate: -90, format: 'png' })
  expect(await difference(resized.bytes, await quarters())).toBeLessThan(3)
})
