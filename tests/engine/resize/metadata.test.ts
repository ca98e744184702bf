import readExif from 'exif-reader'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { picture } from '../pictures.ts'
import { difference, pixelAt } from './fingerprint.ts'

const photo = () =>
  picture(80, 40)
    .withExif({
      IFD0: {
        Artist: 'Ada',
        Copyright: 'by Ada',
        Make: 'Camera',
        Model: 'One',
        ImageDescription: 'a bridge',
      },
      IFD2: { DateTimeOriginal: '2026:05:04 03:02:01', ExposureTime: '1/250', BodySerialNumber: '4711' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 30/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 0/1',
      },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="52,30N"/></x:xmpmeta>')
    .jpeg()
    .toBuffer()

test('strips metadata by default', async () => {
  const before = await sharp(await photo()).metadata()
  expect(readExif(before.exif!).GPSInfo).toBeDefined()
  const { bytes } = await resizePicture(await photo(), { width: 20 })
  const { exif, xmp, iptc, icc } = await sharp(bytes).metadata()
  expect({ exif, xmp, iptc, icc }).toEqual({})
})

test.each(['jpeg', 'webp', 'png', 'avif'] as const)(
  'exif: keep preserves author, camera and time in %s, but no location',
  async (format) => {
    const { bytes } = await resizePicture(await photo(), { width: 20, format, exif: 'keep' })
    const { exif, xmp } = await sharp(bytes).metadata()
    const { Image, Photo, GPSInfo } = readExif(exif!)
    expect(Image).toMatchObject({
      Artist: 'Ada',
      Copyright: 'by Ada',
      Make: 'Camera',
      ImageDescription: 'a bridge',
    })
    expect(Photo).toMatchObject({ DateTimeOriginal: new Date('2026-05-04T03:02:01Z'), ExposureTime: 0.004 })
    expect(Photo).not.toHaveProperty('BodySerialNumber')
    expect({ GPSInfo, xmp }).toEqual({})
    expect(bytes.includes('GPS')).toBe(false)
  },
)

test('exif: keep accepts pictures without EXIF or with damaged EXIF', async () => {
  expect(
    (await resizePicture(await picture(40, 20).png().toBuffer(), { width: 10, exif: 'keep' })).width,
  ).toBe(10)
  const bytes = await photo()
  bytes.fill(0xff, bytes.indexOf('Exif') + 14, bytes.indexOf('Exif') + 60)
  expect((await resizePicture(bytes, { width: 10, exif: 'keep' })).width).toBe(10)
})

test('converts other ICC profiles to sRGB', async () => {
  const srgb = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#c83232' } })
    .png()
    .toBuffer()
  const p3 = await sharp(srgb).withIccProfile('p3').png().toBuffer()
  expect(await difference(p3, srgb)).toBeLessThan(3)
  const stored = await sharp(p3, { ignoreIcc: true }).removeAlpha().raw().toBuffer()
  expect(Math.abs(stored[0]! - 0xc8)).toBeGreaterThan(5)
  const { bytes } = await resizePicture(p3, { width: 20, format: 'png' })
  const [r, g, b] = await pixelAt(bytes, 5, 5)
  expect([Math.abs(r! - 0xc8) < 3, Math.abs(g! - 0x32) < 3, Math.abs(b! - 0x32) < 3]).toEqual([
    true,
    true,
    true,
  ])
  expect((await sharp(bytes).metadata()).icc).toBeUndefined()
})

test('converts CMYK to sRGB', async () => {
  const cmyk = await picture(80, 40).toColourspace('cmyk').jpeg().toBuffer()
  expect((await sharp(cmyk).metadata()).space).toBe('cmyk')
  const { bytes } = await resizePicture(cmyk, { width: 40 })
  expect((await sharp(bytes).metadata()).space).toBe('srgb')
})
