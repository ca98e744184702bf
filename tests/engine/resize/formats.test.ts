import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { avifEffort, longestAvif } from '../../../engine/resize/encode.ts'
import { picture } from '../pictures.ts'
import { difference } from './fingerprint.ts'

const original = picture(300, 200).png().toBuffer()

test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
  '%s looks like the original',
  async (format) => {
    const resized = await resizePicture(await original, { width: 150, format })
    const { format: written, compression } = await sharp(resized.bytes).metadata()
    expect(format === 'avif' ? compression : written).toBe(format === 'avif' ? 'av1' : format)
    expect(await difference(resized.bytes, await original)).toBeLessThan(4)
  },
)

test.each(['webp', 'avif'] as const)('lossless %s has the pixels of a PNG', async (format) => {
  const { bytes } = await resizePicture(await original, { width: 150, format, lossless: true })
  const png = await resizePicture(await original, { width: 150, format: 'png' })
  const pixels = (one: Uint8Array) => sharp(one).removeAlpha().raw().toBuffer()
  expect((await pixels(bytes)).equals(await pixels(png.bytes))).toBe(true)
})

test('lower quality means fewer bytes', async () => {
  for (const format of ['jpeg', 'webp', 'avif'] as const) {
    const [low, high] = await Promise.all(
      [30, 90].map(
        async (quality) =>
          (await resizePicture(await original, { width: 200, format, quality })).bytes.length,
      ),
    )
    expect(low).toBeLessThan(high!)
  }
})

test('progressive, chroma and effort reach the encoder', async () => {
  const jpeg = await resizePicture(await original, { width: 150, progressive: true, chroma: '4:4:4' })
  expect(await sharp(jpeg.bytes).metadata()).toMatchObject({
    isProgressive: true,
    chromaSubsampling: '4:4:4',
  })
  const usual = await resizePicture(await original, { width: 150 })
  expect(await sharp(usual.bytes).metadata()).toMatchObject({
    isProgressive: false,
    chromaSubsampling: '4:2:0',
  })
  const small = await resizePicture(await original, { width: 150, effort: 10 })
  expect(small.bytes.length).toBeLessThan(usual.bytes.length)
  const stored = await resizePicture(await original, { width: 150, format: 'png', effort: 0 })
  const packed = await resizePicture(await original, { width: 150, format: 'png', effort: 10 })
  expect(packed.bytes.length).toBeLessThan(stored.bytes.length)
})

test.each([
  [0.2, undefined, 2],
  [1, 10, 7],
  [0.1, 10, 9],
  [50, undefined, 1],
  [50, 10, 1],
  [200, 10, 0],
])(
  `an AVIF of %d megapixels asked for with effort %s takes at most ${longestAvif} s: effort %i`,
  (megapixels, effort, chosen) => {
    expect(avifEffort(megapixels, effort)).toBe(chosen)
  },
)
