import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, variation } from './fingerprint.ts'

const colours = ['#f00', '#0f0', '#00f']
async function animation(format: 'gif' | 'webp', side = 40): Promise<Buffer> {
  const frames = await Promise.all(
    colours.map((background) =>
      sharp({ create: { width: side, height: side, channels: 4, background } })
        .png()
        .toBuffer(),
    ),
  )
  const joined = sharp(frames, { join: { animated: true } })
  const timing = { delay: [100, 200, 300], loop: 2 }
  return await (format === 'gif' ? joined.gif(timing) : joined.webp({ ...timing, lossless: true })).toBuffer()
}

test.each([
  ['gif', 'gif'],
  ['gif', 'webp'],
  ['webp', 'gif'],
  ['webp', 'webp'],
] as const)('%s to %s keeps frames, delays and loops', async (from, format) => {
  const resized = await resizePicture(await animation(from), {
    width: 20,
    height: 10,
    fit: 'fill',
    format,
    animated: true,
  })
  expect(resized).toMatchObject({ width: 20, height: 10 })
  const { pages, pageHeight, delay, loop } = await sharp(resized.bytes, { pages: -1 }).metadata()
  expect({ pages, pageHeight, delay, loop }).toEqual({
    pages: 3,
    pageHeight: 10,
    delay: [100, 200, 300],
    loop: 2,
  })
})

test('without animated, or in other formats, the first frame is used', async () => {
  const gif = await animation('gif')
  for (const options of [{ format: 'gif' }, { format: 'png', animated: true }] as const) {
    const { bytes, height } = await resizePicture(gif, { width: 20, ...options })
    expect(height).toBe(20)
    expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1)
    expect((await pixelAt(bytes, 5, 5))[0]).toBe(255)
  }
})

test('every frame gets the watermark and rounded corners, and delays are kept', async () => {
  const options = { width: 40, format: 'webp', lossless: true, animated: true, radius: 8 } as const
  const { bytes } = await resizePicture(await animation('gif'), {
    ...options,
    watermark: { text: 'x', gravity: 'centre', opacity: 1 },
  })
  const all = await sharp(bytes, { pages: -1 }).metadata()
  expect(all).toMatchObject({ pages: 3, delay: [100, 200, 300] })
  for (const page of [0, 1, 2]) {
    const frame = await sharp(bytes, { page }).png().toBuffer()
    expect((await pixelAt(frame, 0, 0))[3]).toBe(0)
    expect(await variation(frame, { left: 14, top: 14, width: 12, height: 12 })).toBeGreaterThan(1)
  }
})

test('frames count towards the pixel limit', async () => {
  const gif = await animation('gif')
  const refused = resizePicture(
    gif,
    { width: 20, format: 'gif', animated: true },
    { limits: { pixels: 3000 } },
  )
  await expect(refused).rejects.toMatchObject({ code: 'too_many_pixels' })
  await expect(resizePicture(gif, { width: 20, animated: true, rotate: 90 })).rejects.toMatchObject({
    code: 'invalid_option',
  })
})
