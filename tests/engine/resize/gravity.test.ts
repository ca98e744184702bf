import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { blue, difference, green, pixelAt, quarters, red, yellow } from './fingerprint.ts'

const shape = { fit: 'cover', format: 'png' } as const

test.each([
  ['west', 0, red],
  ['east', 0, green],
  ['southwest', 1, blue],
  ['southeast', 1, yellow],
] as const)('cover keeps the %s', async (gravity, row, colour) => {
  const { bytes } = await resizePicture(await quarters(), { ...shape, width: 10, height: 20, gravity })
  expect(await pixelAt(bytes, 4, row === 0 ? 4 : 15)).toEqual(colour)
})

test.each(['attention', 'entropy'] as const)('%s finds the detailed part', async (gravity) => {
  const noise = Buffer.from(Array.from({ length: 40 * 40 * 3 }, (_, at) => (at * 7919) % 256))
  const busy = await sharp(noise, { raw: { width: 40, height: 40, channels: 3 } })
    .png()
    .toBuffer()
  const bytes = await sharp({ create: { width: 400, height: 40, channels: 3, background: '#888' } })
    .composite([{ input: busy, left: 350, top: 0 }])
    .png()
    .toBuffer()
  const seen = await resizePicture(bytes, { ...shape, width: 60, height: 40, gravity })
  const right = await sharp(bytes).extract({ left: 340, top: 0, width: 60, height: 40 }).png().toBuffer()
  expect(await difference(seen.bytes, right)).toBeLessThan(12)
})

test('gravity places a contained picture', async () => {
  const options = { width: 40, height: 40, fit: 'contain', format: 'png', background: '#fff' } as const
  const { bytes } = await resizePicture(await quarters(), { ...options, gravity: 'north' })
  expect(await pixelAt(bytes, 5, 5)).toEqual(red)
  expect(await pixelAt(bytes, 5, 35)).toEqual([255, 255, 255, 255])
})
