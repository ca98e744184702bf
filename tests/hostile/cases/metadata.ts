/** Metadata in photos: too much, broken, or with a location. */
import sharp from 'sharp'
import { iccSegments, segment, withSegments } from '../craft/jpeg.ts'
import { png, pngChunk } from '../craft/png.ts'
import type { HostileCase } from '../hostile-case.ts'
import { smuggled } from '../target.ts'

const plain = () => sharp({ create: { width: 64, height: 48, channels: 3, background: '#285' } })

/** Taken in Berlin, according to three places in the file. */
const located = (format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff') => {
  const picture = plain()
    .withExif({
      IFD0: { Artist: 'Ada', ImageDescription: 'a bridge' },
      IFD3: {
        ...{ GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1' },
        ...{ GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 0/1' },
      },
    })
    .withXmp(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="52,30N" by="${smuggled}"/></x:xmpmeta>`,
    )
  return (format === 'avif' ? picture.avif({ effort: 0 }) : picture.toFormat(format)).toBuffer()
}

const exif = (bytes: Uint8Array) => segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), bytes]))

/** A directory with one entry that points at itself, and at a value beyond the file. */
const exifLoop = Buffer.from('49492a0008000000' + '0100' + '698704000100000008000000' + '08000000', 'hex')

export const metadata: HostileCase[] = [
  ...(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const).flatMap((format): HostileCase[] => [
    {
      name: `the place in a ${format}`,
      expected: 'succeeded',
      attack: async (t) => await t.resize(await located(format), { format }),
    },
    {
      name: `the place in a ${format} whose EXIF is to be kept`,
      expected: 'succeeded',
      attack: async (t) => await t.resize(await located(format), { format, exif: 'keep' }),
    },
  ]),
  {
    name: 'a JPEG with 20 EXIF segments of 64 KB',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(
        withSegments(
          await plain().jpeg().toBuffer(),
          ...Array<Buffer>(20).fill(exif(Buffer.concat([exifLoop, Buffer.alloc(65_000, 0x41)]))),
        ),
        { exif: 'keep' },
      ),
  },
  {
    name: 'a JPEG with an EXIF directory that points at itself',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(withSegments(await plain().jpeg().toBuffer(), exif(exifLoop)), { exif: 'keep' }),
  },
  {
    name: 'a JPEG with an invalid ICC profile of 8 MB',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(withSegments(await plain().jpeg().toBuffer(), ...iccSegments(Buffer.alloc(8e6, 7)))),
  },
  {
    name: 'a JPEG with an invalid EXIF orientation',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(
        withSegments(
          await plain().jpeg().toBuffer(),
          exif(Buffer.from('49492a0008000000' + '0100' + '1201030001000000ffff0000' + '00000000', 'hex')),
        ),
      ),
  },
  {
    name: 'a PNG with invalid EXIF',
    expected: 'succeeded',
    attack: (t) =>
      t.resize(png({ width: 40, height: 40, extra: [pngChunk('eXIf', Buffer.alloc(60_000, 0xff))] }), {
        exif: 'keep',
        format: 'png',
      }),
  },
]
