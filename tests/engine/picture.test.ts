import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { asPictureError, inspectPicture, openPicture, type PictureLimits } from '../../engine/picture.ts'
import { picture } from './pictures.ts'

const pixels = async (bytes: Uint8Array, limits?: PictureLimits) => {
  try {
    return await openPicture(bytes, limits).raw().toBuffer({ resolveWithObject: true })
  } catch (error) {
    throw asPictureError(error)
  }
}

/** Red and blue on top, green and white below: every orientation differs. */
const quarters = Buffer.from([255, 0, 0, 0, 0, 255, 0, 255, 0, 255, 255, 255])
const corners = (width: number, height: number) =>
  sharp(quarters, { raw: { width: 2, height: 2, channels: 3 } }).resize(width, height, {
    kernel: 'nearest',
    fit: 'fill',
  })

describe('orientation', () => {
  /* The colour at the top left of the upright picture, EXIF 2.32, tag 0x0112. */
  const topLeft = ['red', 'blue', 'white', 'green', 'red', 'green', 'white', 'blue']
  const colours: Record<string, number[]> = {
    red: [255, 0, 0],
    blue: [0, 0, 255],
    green: [0, 255, 0],
    white: [255, 255, 255],
  }
  test.each(topLeft.map((colour, i) => [i + 1, colour] as const))(
    '%i puts %s at the top left',
    async (orientation, colour) => {
      const bytes = await corners(40, 20).png().withMetadata({ orientation }).toBuffer()
      const turned = orientation >= 5
      expect(await inspectPicture(bytes)).toMatchObject({ width: turned ? 20 : 40, height: turned ? 40 : 20 })
      const { data, info } = await pixels(bytes)
      expect([info.width, info.height]).toEqual(turned ? [20, 40] : [40, 20])
      expect([...data.subarray(0, 3)]).toEqual(colours[colour])
    },
  )
})

describe('unusual pictures are decoded to 8-bit sRGB with three channels', () => {
  const cases: Record<string, () => Promise<Buffer>> = {
    'CMYK JPEG': () => picture(30, 20).toColourspace('cmyk').jpeg().toBuffer(),
    '16-bit PNG': () => picture(30, 20).toColourspace('rgb16').png().toBuffer(),
    'grey PNG': () => picture(30, 20).greyscale().png().toBuffer(),
    'grey PNG with alpha': () => picture(30, 20).greyscale().ensureAlpha(0.5).png().toBuffer(),
    'palette PNG': () => picture(30, 20).png({ palette: true }).toBuffer(),
    WebP: () => picture(30, 20).webp().toBuffer(),
    AVIF: () => picture(30, 20).avif({ effort: 0 }).toBuffer(),
    TIFF: () => picture(30, 20).tiff().toBuffer(),
    'Display P3': () => picture(30, 20).withIccProfile('p3').png().toBuffer(),
  }
  test.each(Object.keys(cases))('%s', async (name) => {
    const { info } = await pixels(await cases[name]!())
    expect(info).toMatchObject({ width: 30, height: 20, channels: 3, depth: 'uchar' })
  })

  test('fully transparent becomes white', async () => {
    const { data } = await pixels(await picture(3, 2).ensureAlpha(0).png().toBuffer())
    expect(new Set(data)).toEqual(new Set([255]))
  })

  test('a Display P3 profile is honoured', async () => {
    const red = sharp({ create: { width: 2, height: 2, channels: 3, background: '#c83232' } })
    const { data } = await pixels(await red.withIccProfile('p3').png().toBuffer())
    expect([200, 50, 50].every((value, i) => Math.abs(data[i]! - value) <= 2)).toBe(true)
  })

  test('one pixel', async () => {
    const bytes = await picture(1, 1).png().toBuffer()
    expect(await inspectPicture(bytes)).toMatchObject({ format: 'png', width: 1, height: 1, frames: 1 })
    expect((await pixels(bytes)).data).toHaveLength(3)
  })

  test('the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(300, 255), Buffer.alloc(300, 0)])
    const bytes = await sharp(frames, { raw: { width: 10, height: 20, channels: 3, pageHeight: 10 } })
      .gif()
      .toBuffer()
    expect(await inspectPicture(bytes)).toMatchObject({ format: 'gif', width: 10, height: 10, frames: 2 })
    const { data, info } = await pixels(bytes)
    expect(info.height).toBe(10)
    expect(data[0]).toBe(255)
    await expect(inspectPicture(bytes, { frames: 1 })).rejects.toMatchObject({ code: 'too_many_frames' })
  })
})

describe('unusable pictures are rejected by name', () => {
  const refused: Record<string, [bytes: () => Promise<Uint8Array>, code: string, limits?: PictureLimits]> = {
    'zero bytes': [async () => new Uint8Array(), 'empty_input'],
    text: [async () => Buffer.from('Dear Sir or Madam,'), 'not_an_image'],
    'one byte': [async () => Uint8Array.of(0xff), 'not_an_image'],
    SVG: [
      async () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
      'unsupported_format',
    ],
    PDF: [async () => Buffer.from('%PDF-1.7\n'), 'unsupported_format'],
    HEIC: [
      async () => Buffer.from('000000186674797068656963000000006d6966316865696300000000', 'hex'),
      'unsupported_format',
    ],
    'too many bytes': [() => picture(30, 20).png().toBuffer(), 'image_too_large', { bytes: 100 }],
    'too many pixels': [() => picture(30, 20).png().toBuffer(), 'too_many_pixels', { pixels: 599 }],
    'raw sensor samples, which are not colours': [
      async () => {
        const tiff = await picture(30, 20).tiff({ compression: 'none' }).toBuffer()
        // PhotometricInterpretation (262), a SHORT: CFA instead of RGB.
        tiff.writeUInt16LE(32_803, tiff.indexOf(Uint8Array.of(6, 1, 3, 0)) + 8)
        return tiff
      },
      'unsupported_format',
    ],
    'a PNG signature alone': [
      async () => (await picture(30, 20).png().toBuffer()).subarray(0, 10),
      'image_truncated',
    ],
  }
  test.each(Object.keys(refused))('%s', async (name) => {
    const [make, code, limits] = refused[name]!
    const bytes = await make()
    const expected = { name: 'PictureError', code, retryable: false }
    await expect(inspectPicture(bytes, limits)).rejects.toMatchObject(expected)
    await expect(pixels(bytes, limits)).rejects.toMatchObject(expected)
  })

  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('half a %s', async (format) => {
    const whole = await picture(64, 48).toFormat(format).toBuffer()
    const half = whole.subarray(0, whole.length / 2)
    await expect(pixels(half)).rejects.toMatchObject({ code: 'image_truncated' })
  })

  test('the bytes decide the format', async () => {
    expect(await inspectPicture(await picture(9, 9).webp().toBuffer())).toMatchObject({ format: 'webp' })
  })

  test('other errors pass through', () => {
    const fault = new TypeError('Expected number between 1 and 100 for quality')
    expect(asPictureError(fault)).toBe(fault)
  })
})
