import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readJpegHeader } from '../../engine/jpeg-header.ts'
import { glanceAtPicture, inspectPicture } from '../../engine/picture.ts'

const photo = (background = '#888') => sharp({ create: { width: 40, height: 24, channels: 3, background } })

/** The size according to libvips. */
async function expected(bytes: Uint8Array) {
  const { width, height } = await inspectPicture(bytes)
  return { width, height }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'the size of a JPEG with EXIF orientation %i is that of libvips',
  async (orientation) => {
    const bytes = await photo().withMetadata({ orientation }).jpeg().toBuffer()
    expect(readJpegHeader(bytes)).toMatchObject(await expected(bytes))
    expect(readJpegHeader(bytes)).toMatchObject(
      orientation > 4 ? { width: 24, height: 40 } : { width: 40, height: 24 },
    )
  },
)

test.each([
  ['progressive', () => photo().jpeg({ progressive: true })],
  ['grayscale', () => photo().grayscale().jpeg()],
  ['CMYK', () => photo().toColourspace('cmyk').jpeg()],
  ['optimised', () => photo().jpeg({ mozjpeg: true })],
  ['with a profile', () => photo().withIccProfile('p3').jpeg()],
  [
    'with a description',
    () =>
      photo()
        .withExif({ IFD0: { ImageDescription: 'x'.repeat(5000) } })
        .jpeg(),
  ],
])('so is the size of one that is %s', async (_, make) => {
  const bytes = await make().toBuffer()
  expect(readJpegHeader(bytes)).toMatchObject(await expected(bytes))
})

test('EXIF counts anywhere before the first scan', async () => {
  const turned = await photo().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const from = turned.indexOf('Exif') - 4
  const to = from + 2 + turned.readUInt16BE(from + 2)
  const scan = turned.indexOf(Buffer.from([0xff, 0xda]))
  const parts = [
    turned.subarray(0, from),
    turned.subarray(to, scan),
    turned.subarray(from, to),
    turned.subarray(scan),
  ]
  const late = Buffer.concat(parts)
  expect(late.indexOf('Exif')).toBeGreaterThan(late.indexOf(Buffer.from([0xff, 0xc0])))
  expect(await expected(late)).toEqual({ width: 24, height: 40 })
  expect(readJpegHeader(late)).toMatchObject({ width: 24, height: 40 })
  // Without a scan, EXIF could still follow.
  expect(readJpegHeader(late.subarray(0, late.indexOf(Buffer.from([0xff, 0xda]))))).toBeUndefined()
})

test('anything it does not understand is left to libvips', async () => {
  const turned = await photo().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const exif = turned.indexOf('Exif')
  // The byte order mark, the number of entries, the length of the segment; below, the end of the segment is missing.
  for (const [at, value] of [
    [exif + 6, 0x40],
    [exif + 14, 0xff],
    [exif - 2, 0xff],
  ] as const) {
    const broken = Buffer.from(turned)
    broken[at] = value
    expect(readJpegHeader(broken), `${at}`).toBeUndefined()
  }
  expect(readJpegHeader(turned.subarray(0, exif + 20))).toBeUndefined()
  const twice = Buffer.concat([turned.subarray(0, exif - 4), turned.subarray(exif - 4)])
  const length = twice.readUInt16BE(exif - 2) + 2
  const segment = twice.subarray(exif - 4, exif - 4 + length)
  expect(readJpegHeader(Buffer.concat([twice.subarray(0, 2), segment, twice.subarray(2)]))).toBeUndefined()
})

test('no input makes it throw or hang', async () => {
  const bytes = await photo().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  for (let length = 0; length < Math.min(bytes.length, 600); length++)
    readJpegHeader(bytes.subarray(0, length))
  for (let at = 2; at < Math.min(bytes.length, 600); at++)
    for (const value of [0, 0xff]) {
      const broken = Buffer.from(bytes)
      broken[at] = value
      readJpegHeader(broken)
    }
})

test('the pixel limit also applies to a glance', async () => {
  const bytes = await photo().jpeg().toBuffer()
  await expect(glanceAtPicture(bytes, { pixels: 900 })).rejects.toMatchObject({ code: 'too_many_pixels' })
  expect(await glanceAtPicture(bytes)).toEqual(await inspectPicture(bytes))
})

test.each([2, 6, 7])('an EXIF segment of %i bytes at the end of a file is left to libvips', (length) => {
  const segment = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, length]), Buffer.from('Exif\0')])
  expect(readJpegHeader(new Uint8Array(segment.subarray(0, 4 + Math.max(2, length))))).toBeUndefined()
})
