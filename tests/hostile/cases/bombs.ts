/** Decompression bombs: small files that are large in memory or slow. */
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { gif } from '../craft/gif.ts'
import { resized, scanBomb } from '../craft/jpeg.ts'
import { png, pngChunk, zeroText } from '../craft/png.ts'
import { tiff } from '../craft/tiff.ts'
import { animatedWebp, lyingWebp, webp } from '../craft/webp.ts'
import type { HostileCase } from '../hostile-case.ts'

const flat = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#369' } })

/** The size in the `ispe` box of an AVIF (ISO/IEC 23008-12, 6.5.3), rewritten. */
async function lyingAvif(width: number, height: number): Promise<Buffer> {
  const bytes = await flat(16).avif({ effort: 0 }).toBuffer()
  const at = bytes.indexOf('ispe')
  bytes.writeUInt32BE(width, at + 8)
  bytes.writeUInt32BE(height, at + 12)
  return bytes
}

export const bombs: HostileCase[] = [
  {
    name: 'a PNG that claims 40,000 x 40,000 and has one line',
    expected: '422 too_many_pixels',
    attack: (t) => t.resize(png({ width: 40_000, height: 40_000, unpacked: 40_001 })),
  },
  {
    name: 'a PNG of 2,147,483,647 x 1',
    expected: ['422 too_many_pixels', '422 image_truncated'],
    attack: (t) => t.resize(png({ width: 2 ** 31 - 1, height: 1, unpacked: 1 })),
  },
  {
    name: 'a PNG of 0 x 0',
    expected: '422 image_truncated',
    attack: (t) => t.resize(png({ width: 0, height: 0, unpacked: 1 })),
  },
  {
    name: 'a PNG of 48 megapixels in 200 KB, within the limit',
    expected: 'succeeded',
    attack: (t) => t.resize(png({ width: 8_000, height: 6_000 })),
  },
  {
    name: 'a PNG of 8 x 8 whose data decompresses to 40 MB',
    expected: ['succeeded', 'failed image_truncated'],
    attack: (t) => t.resize(png({ width: 8, height: 8, unpacked: 40e6 })),
  },
  {
    name: 'a PNG with a compressed text of 50 MB',
    expected: ['succeeded', '422 image_truncated', 'failed image_truncated'],
    attack: (t) => t.resize(png({ width: 64, height: 64, extra: [zeroText('zTXt', 50e6)] })),
  },
  {
    name: 'a PNG with a compressed ICC profile of 50 MB',
    expected: ['succeeded', '422 image_truncated', 'failed image_truncated'],
    attack: (t) => t.resize(png({ width: 64, height: 64, extra: [zeroText('iCCP', 50e6)] })),
  },
  {
    name: 'a PNG with 100,000 texts',
    expected: ['succeeded', '422 image_truncated', 'failed image_truncated'],
    attack: (t) =>
      t.resize(
        png({
          width: 64,
          height: 64,
          extra: Array<Buffer>(100_000).fill(pngChunk('tEXt', Buffer.from('a\0b'))),
        }),
      ),
  },
  {
    name: 'a WebP of 16,383 x 16,383 in 50 bytes',
    expected: '422 too_many_pixels',
    attack: (t) => t.resize(webp(16_383, 16_383)),
  },
  {
    name: 'a WebP of 49 megapixels in 50 bytes, within the limit',
    expected: 'succeeded',
    attack: (t) => t.resize(webp(7_000, 7_000)),
  },
  {
    name: 'a WebP with a canvas of 16,777,216 x 16 and one pixel',
    expected: ['422 image_truncated', '422 too_many_pixels'],
    attack: (t) => t.resize(lyingWebp(2 ** 24, 16)),
  },
  {
    name: 'a WebP of 10,000 frames',
    expected: '422 too_many_frames',
    attack: (t) => t.resize(animatedWebp(16, 16, 10_000)),
  },
  {
    name: 'a WebP of 499 frames of 16 megapixels, all requested',
    expected: ['422 too_many_pixels', 'failed too_many_pixels'],
    attack: (t) => t.resize(animatedWebp(4_000, 4_000, 499), { animated: true, format: 'webp' }),
  },
  {
    name: 'a GIF of 10,000 frames',
    expected: '422 too_many_frames',
    attack: (t) => t.resize(gif(100, 100, 10_000)),
  },
  {
    name: 'a GIF with a screen of 65,535 x 65,535 and one pixel',
    // Its decoder treats such a screen size as a mistake and uses the frame's own.
    expected: ['422 too_many_pixels', 'succeeded'],
    attack: (t) => t.resize(gif(65_535, 65_535, 1)),
  },
  {
    name: 'a GIF of 499 frames on a screen of 4 megapixels, all requested',
    expected: ['422 too_many_pixels', 'failed too_many_pixels'],
    attack: (t) => t.resize(gif(2_000, 2_000, 499), { animated: true, format: 'gif' }),
  },
  {
    name: 'an AVIF that claims 60,000 x 60,000 and is 16 x 16',
    expected: ['422 too_many_pixels', '422 image_truncated'],
    attack: async (t) => await t.resize(await lyingAvif(60_000, 60_000)),
  },
  {
    name: 'an AVIF that claims 7,000 x 7,000 and is 16 x 16',
    expected: ['422 image_truncated', 'failed image_truncated', 'succeeded'],
    attack: async (t) => await t.resize(await lyingAvif(7_000, 7_000)),
  },
  {
    name: 'a JPEG that claims 65,500 x 65,500',
    expected: '422 too_many_pixels',
    attack: async (t) => await t.resize(resized(await flat(16).jpeg().toBuffer(), 65_500, 65_500)),
  },
  {
    name: 'a JPEG that claims 7,000 x 7,000 and is 16 x 16',
    // The end marker is in place: the missing part is grey, as in every JPEG viewer.
    expected: ['failed image_truncated', '422 image_truncated', 'succeeded'],
    attack: async (t) => await t.resize(resized(await flat(16).jpeg().toBuffer(), 7_000, 7_000)),
  },
  {
    name: 'a progressive JPEG of 4 megapixels with 5,000 scans',
    expected: ['succeeded', 'failed image_truncated'],
    attack: async (t) =>
      await t.resize(scanBomb(await flat(2_000).jpeg({ progressive: true }).toBuffer(), 5_000)),
  },
  {
    name: 'a TIFF that claims 4,000,000,000 x 4,000,000,000',
    expected: ['422 too_many_pixels', '422 image_truncated'],
    attack: (t) => t.resize(tiff([{ width: 4e9, height: 4e9 }])),
  },
  {
    name: 'a TIFF whose pages form a cycle',
    expected: ['422 image_truncated', '422 too_many_frames', 'failed image_truncated', 'succeeded'],
    attack: (t) =>
      t.resize(
        tiff([
          { width: 1, height: 1 },
          { width: 1, height: 1, next: 0 },
        ]),
      ),
  },
  {
    name: 'a TIFF of 20,000 pages',
    expected: ['422 too_many_frames', '422 image_truncated'],
    attack: (t) => t.resize(tiff(Array.from({ length: 20_000 }, () => ({ width: 1, height: 1 })))),
  },
  {
    name: 'a gzip of 10 MB of zeros',
    expected: '422 not_an_image',
    attack: (t) => t.resize(gzipSync(Buffer.alloc(10e6), { level: 1 })),
  },
]
