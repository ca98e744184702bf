import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters, variation } from './fingerprint.ts'

const gray = sharp({ create: { width: 200, height: 100, channels: 3, background: '#808080' } })
  .png()
  .toBuffer()
const size = { width: 200, format: 'png' } as const

test('gravity places a text watermark', async () => {
  const { bytes } = await resizePicture(await gray, {
    ...size,
    watermark: { text: '<© me & co>', gravity: 'northwest', opacity: 1 },
  })
  const changed = async (left: number, top: number) =>
    (await variation(bytes, { left, top, width: 80, height: 40 })) > 5
  expect([await changed(0, 0), await changed(120, 0), await changed(0, 60), await changed(120, 60)]).toEqual([
    ...[true, false, false, false],
  ])
})

test('a picture watermark has its size, margin and opacity', async () => {
  const mark = await sharp({ create: { width: 50, height: 50, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  const watermark = { gravity: 'southeast', size: 0.1, margin: 10, opacity: 0.5 } as const
  const { bytes } = await resizePicture(await gray, { ...size, watermark }, { watermark: mark })
  expect((await pixelAt(bytes, 185, 85))[0]).toBeGreaterThan(185)
  expect((await pixelAt(bytes, 185, 85))[0]).toBeLessThan(200)
  for (const [x, y] of [
    [195, 85],
    [168, 85],
    [185, 67],
  ] as const)
    expect((await pixelAt(bytes, x, y))[0]).toBe(0x80)
})

test('a watermark fits in a picture smaller than its margins', async () => {
  const { width } = await resizePicture(await quarters(), { width: 4, watermark: { text: 'x', margin: 100 } })
  expect(width).toBe(4)
})

test('grayscale pictures take a watermark or rounded corners', async () => {
  for (const more of [{ watermark: { text: 'me' } }, { radius: 10 }]) {
    const { bytes } = await resizePicture(await gray, { ...size, grayscale: true, ...more })
    expect((await sharp(bytes).metadata()).width).toBe(200)
    const [r, g, b] = await pixelAt(bytes, 100, 50)
    expect([r, r]).toEqual([g, b])
  }
})

test('an invisible watermark text is refused, a NUL in a text is dropped', async () => {
  await expect(resizePicture(await gray, { ...size, watermark: { text: ' \u0000' } })).rejects.toMatchObject({
    code: 'invalid_option',
  })
  const { bytes } = await resizePicture(await gray, { ...size, watermark: { text: 'a\u0000b', opacity: 1 } })
  expect(await variation(bytes, { left: 120, top: 60, width: 80, height: 40 })).toBeGreaterThan(5)
})
