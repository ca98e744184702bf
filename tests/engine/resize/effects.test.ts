import sharp, { type Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { picture } from '../pictures.ts'
import { difference, pixelAt, quarters } from './fingerprint.ts'

const original = picture(200, 120).png().toBuffer()
const size = { width: 100, format: 'png' } as const

test.each([
  ['blur', { blur: 4 }, async (p: Sharp) => p.blur(4)],
  ['sharpen', { sharpen: true }, async (p: Sharp) => p.sharpen()],
  ['sharpen by sigma', { sharpen: 2 }, async (p: Sharp) => p.sharpen({ sigma: 2 })],
  ['grayscale', { grayscale: true }, async (p: Sharp) => p.grayscale()],
  ['tint', { tint: '#fc0' }, async (p: Sharp) => p.tint('#fc0')],
] as const)('%s gives the same result as sharp', async (_, options, effect) => {
  const resized = await resizePicture(await original, { ...size, ...options })
  const expected = await (await effect(sharp(await original).resize(100))).png().toBuffer()
  expect(await difference(resized.bytes, expected)).toBeLessThan(1)
  const plain = await resizePicture(await original, size)
  const raw = (bytes: Uint8Array) => sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer()
  expect((await raw(resized.bytes)).equals(await raw(plain.bytes))).toBe(false)
})

test('blur softens edges and grayscale removes colour', async () => {
  const blurred = await resizePicture(await quarters(), { width: 80, blur: 5, format: 'png' })
  const [r, g] = await pixelAt(blurred.bytes, 40, 5)
  expect([r! > 60 && r! < 200, g! > 60 && g! < 200]).toEqual([true, true])
  const gray = await resizePicture(await quarters(), { width: 80, grayscale: true, format: 'png' })
  const [red, green, blue] = await pixelAt(gray.bytes, 5, 5)
  expect([green, blue]).toEqual([red, red])
})
