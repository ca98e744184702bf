import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { picture, random } from '../pictures.ts'
import { difference } from './fingerprint.ts'

/** With noise, so that quality costs bytes. */
async function noisy(): Promise<Buffer> {
  const next = random(3)
  const pixels = await picture(300, 200).raw().toBuffer()
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = Math.max(0, Math.min(255, pixels[at]! + next() * 60 - 30))
  return await sharp(pixels, { raw: { width: 300, height: 200, channels: 3 } })
    .png()
    .toBuffer()
}

test.each(['jpeg', 'webp', 'avif'] as const)(
  '%s gets the best quality that fits in maxBytes',
  async (format) => {
    const bytes = await noisy()
    const free = await resizePicture(bytes, { width: 200, format, quality: 90 })
    const maxBytes = Math.round(free.bytes.length / 2)
    const fitted = await resizePicture(bytes, { width: 200, format, quality: 90, maxBytes })
    expect(fitted.bytes.length).toBeLessThanOrEqual(maxBytes)
    expect(fitted.bytes.length).toBeGreaterThan(maxBytes * 0.8)
    expect(await difference(fitted.bytes, free.bytes)).toBeLessThan(5)
  },
)

test('a result within maxBytes keeps its quality', async () => {
  const free = await resizePicture(await noisy(), { width: 100 })
  const fitted = await resizePicture(await noisy(), { width: 100, maxBytes: 1e6 })
  expect(fitted.bytes.length).toBe(free.bytes.length)
})

test.each([
  [{ maxBytes: 100 }, 'output_too_large', /fewer pixels/],
  [{ maxBytes: 5000, format: 'png' }, 'invalid_option', /maxBytes/],
  [{ maxBytes: 5000, format: 'webp', lossless: true }, 'invalid_option', /lossless webp/],
] as const)('refuses %o', async (options, code, message) => {
  await expect(resizePicture(await noisy(), { width: 200, ...options })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
})
