import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters } from './fingerprint.ts'

const around = { width: 40, height: 40, fit: 'contain' } as const

test.each([
  ['png', undefined, [0, 0, 0, 0]],
  ['png', '#123456', [0x12, 0x34, 0x56, 255]],
  ['png', '#12345680', [0x12, 0x34, 0x56, 0x80]],
  ['png', 'tomato', [255, 99, 71, 255]],
] as const)('%s on %s', async (format, background, colour) => {
  const { bytes } = await resizePicture(await quarters(), {
    ...around,
    format,
    ...(background && { background }),
  })
  // Premultiplying and dividing by alpha again rounds by up to one.
  const found = await pixelAt(bytes, 20, 2)
  expect(found.every((value, at) => Math.abs(value - colour[at]!) <= 1)).toBe(true)
})

test('the background fills transparent pixels', async () => {
  const clear = await sharp({ create: { width: 20, height: 20, channels: 4, background: '#0000' } })
    .png()
    .toBuffer()
  for (const format of ['png', 'jpeg'] as const) {
    const { bytes } = await resizePicture(clear, { width: 10, format, background: '#00f' })
    const [r, g, b, alpha] = await pixelAt(bytes, 5, 5)
    expect([r! < 5, g! < 5, b! > 250, alpha]).toEqual([true, true, true, 255])
  }
})

test('refuses a background that is not a colour', async () => {
  const refused = resizePicture(await quarters(), { width: 10, background: 'sky-ish' })
  await expect(refused).rejects.toMatchObject({ code: 'invalid_option', message: /background.*colour/ })
})
