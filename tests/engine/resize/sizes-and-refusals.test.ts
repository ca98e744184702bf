import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { picture } from '../pictures.ts'

test.each([
  [{ width: 100 }, 100, 50],
  [{ height: 100 }, 200, 100],
  [{ width: 100, height: 100 }, 100, 50],
  [{ width: 100, height: 100, fit: 'outside' as const }, 200, 100],
  [{ width: 100, height: 100, fit: 'cover' as const }, 100, 100],
  [{ width: 100, height: 100, fit: 'contain' as const }, 100, 100],
  [{ width: 100, height: 100, fit: 'fill' as const }, 100, 100],
  [{ width: 800, withoutEnlargement: true }, 400, 200],
  [{ width: 800 }, 800, 400],
  [{}, 400, 200],
])('%o resizes 400 x 200 to %i x %i', async (params, width, height) => {
  const bytes = await picture(400, 200).jpeg().toBuffer()
  const resized = await resizePicture(bytes, params)
  expect(resized).toMatchObject({ width, height })
  expect(await sharp(resized.bytes).metadata()).toMatchObject({ width, height, format: 'jpeg' })
})

test.each(['jpeg', 'png', 'webp', 'avif'] as const)('writes %s', async (format) => {
  const resized = await resizePicture(await picture(40, 20).png().toBuffer(), {
    width: 20,
    format,
    quality: 70,
  })
  expect(resized).toMatchObject({ format, contentType: `image/${format}` })
  expect((await sharp(resized.bytes).metadata()).mediaType).toBe(`image/${format}`)
})

test('applies the EXIF orientation and strips metadata', async () => {
  const exif = { IFD0: { Copyright: 'somebody', ImageDescription: 'where they live' } }
  const bytes = await picture(40, 20).withExif(exif).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const resized = await resizePicture(bytes, { width: 10 })
  expect(resized).toMatchObject({ width: 10, height: 20 })
  const { exif: left, icc, orientation } = await sharp(resized.bytes).metadata()
  expect({ left, icc, orientation }).toEqual({ left: undefined, icc: undefined, orientation: undefined })
})

test('PNG keeps transparency, JPEG turns it white', async () => {
  const bytes = await picture(40, 20).ensureAlpha(0).png().toBuffer()
  const png = await resizePicture(bytes, { width: 10, format: 'png' })
  expect((await sharp(png.bytes).stats()).isOpaque).toBe(false)
  const jpeg = await resizePicture(bytes, { width: 10 })
  expect((await sharp(jpeg.bytes).stats()).channels.every(({ min }) => min > 250)).toBe(true)
})

test.each([
  [{ width: 0 }, 'invalid_option', 'width'],
  [{ width: 1e99 }, 'invalid_option', 'width'],
  [{ width: 10, quality: 101 }, 'invalid_option', 'quality'],
  [{ width: 10, format: 'bmp' as 'jpeg' }, 'invalid_option', 'format'],
  [{ width: 100_000 }, 'output_too_large', '100000'],
  [{ width: 17_000, height: 2, fit: 'fill' as const, format: 'webp' as const }, 'output_too_large', '16383'],
])('refuses %o', async (params, code, word) => {
  await expect(resizePicture(await picture(40, 20).png().toBuffer(), params)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(word),
  })
})

test('refuses a truncated picture', async () => {
  const whole = await picture(400, 300).jpeg().toBuffer()
  await expect(resizePicture(whole.subarray(0, whole.length / 2), { width: 90 })).rejects.toMatchObject({
    code: 'image_truncated',
  })
})

test('does not start with an aborted signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(
    resizePicture(await picture(40, 20).png().toBuffer(), { width: 9 }, { signal }),
  ).rejects.toThrow('enough')
})
