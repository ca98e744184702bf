import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters, red, yellow } from './fingerprint.ts'

const shape = { format: 'png', width: 20, height: 10, fit: 'fill' } as const
const white = [255, 255, 255, 255]

test('padding surrounds the result and adds to its size', async () => {
  const padding = { top: 1, right: 2, bottom: 3, left: 4 }
  const { bytes, ...made } = await resizePicture(await quarters(), { ...shape, padding, background: 'white' })
  expect(made).toMatchObject({ width: 26, height: 14 })
  for (const [x, y] of [
    [3, 5],
    [24, 5],
    [10, 0],
    [10, 11],
  ] as const)
    expect(await pixelAt(bytes, x, y), `${x} ${y}`).toEqual(white)
  expect(await pixelAt(bytes, 4, 1)).toEqual(red)
  expect(await pixelAt(bytes, 23, 10)).toEqual(yellow)
})

test('padding is multiplied by dpr; a single number applies to all sides', async () => {
  const made = await resizePicture(await quarters(), { ...shape, padding: 5, dpr: 2 })
  expect(made).toMatchObject({ width: 60, height: 40 })
})

test('padding is transparent by default, white in JPEG', async () => {
  const clear = await resizePicture(await quarters(), { ...shape, padding: 5 })
  expect((await pixelAt(clear.bytes, 1, 1))[3]).toBe(0)
  const jpeg = await resizePicture(await quarters(), { ...shape, format: 'jpeg', padding: 5 })
  expect(Math.min(...(await pixelAt(jpeg.bytes, 1, 1)))).toBeGreaterThan(200)
})

test('padding keeps its colour around a grayscale, tinted or blurred picture', async () => {
  const options = { ...shape, padding: 5, background: '#00f', blur: 3 }
  for (const effect of [{ grayscale: true }, { tint: '#f00' }]) {
    const { bytes } = await resizePicture(await quarters(), { ...options, ...effect })
    expect(await pixelAt(bytes, 4, 4)).toEqual([0, 0, 255, 255])
    expect(await pixelAt(bytes, 5, 5)).not.toEqual([0, 0, 255, 255])
  }
})

test('watermark and rounded corners include the padding', async () => {
  const { bytes } = await resizePicture(await quarters(), {
    ...{ ...shape, padding: 40, background: '#0000ff80', radius: 10 },
    watermark: { text: 'M', gravity: 'northwest', size: 0.3, margin: 10, opacity: 1 },
  })
  expect(await pixelAt(bytes, 60, 1)).toEqual([0, 0, 255, 128])
  expect((await pixelAt(bytes, 0, 0))[3]).toBe(0)
  const marked = await sharp(bytes)
    .extract({ left: 10, top: 10, width: 25, height: 25 })
    .removeAlpha()
    .stats()
  expect(marked.channels.some(({ stdev }) => stdev > 0)).toBe(true)
})

test('pads every frame of an animation', async () => {
  const frames = await Promise.all(
    ['#f00', '#0f0'].map((background) =>
      sharp({ create: { width: 20, height: 10, channels: 4, background } })
        .png()
        .toBuffer(),
    ),
  )
  const gif = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [100, 200] })
    .toBuffer()
  const options = { ...shape, format: 'webp', lossless: true, animated: true, padding: 3 } as const
  const { bytes, ...made } = await resizePicture(gif, { ...options, background: '#00f' })
  expect(made).toMatchObject({ width: 26, height: 16 })
  expect(await sharp(bytes, { pages: -1 }).metadata()).toMatchObject({ pages: 2, delay: [100, 200] })
  for (const [page, colour] of [red, [0, 255, 0, 255]].entries()) {
    const frame = await sharp(bytes, { page }).png().toBuffer()
    expect(await pixelAt(frame, 1, 1)).toEqual([0, 0, 255, 255])
    expect(await pixelAt(frame, 13, 8)).toEqual(colour)
  }
})

test('padding counts towards the largest output size', async () => {
  const limits = { pixels: 4_000 }
  await expect(resizePicture(await quarters(), { ...shape, padding: 100 }, { limits })).rejects.toMatchObject(
    { code: 'output_too_large' },
  )
})
