import { createHash } from 'node:crypto'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeTile, tileBytes, tileSize } from '../../engine/tile.ts'
import { fingerprint, fingerprintLength, groupLookAlikes, looksLike } from '../../engine/tile-fingerprint.ts'
import { resizeTiles } from '../../engine/tile-pixels.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { photo } from './photos.ts'

const credit = { source: 'photo.jpg' }

describe('a tile', () => {
  it('is identified by the bytes of its photo and described by 48 numbers', async () => {
    const bytes = await photo(3)
    const tile = await makeTile(bytes, { source: '名前.jpg', author: { name: 'Åsa 🎉' } })
    expect(tile.id).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(tile).toMatchObject({ source: '名前.jpg', author: { name: 'Åsa 🎉' } })
    expect(tile.pixels).toHaveLength(tileBytes)
    expect(tile.features).toHaveLength(featureLength)
  })

  it('reports what is wrong with each of many damaged photos, even if they fail concurrently', async () => {
    const whole = await photo(3)
    const torn = whole.subarray(0, whole.length / 2)
    const settled = await Promise.allSettled(Array.from({ length: 400 }, () => makeTile(torn, credit)))
    const codes = settled.map((one) =>
      one.status === 'rejected' ? (one.reason as { code?: string }).code : 'made',
    )
    expect(new Set(codes)).toEqual(new Set(['image_truncated']))
  })

  it('respects the EXIF orientation', async () => {
    const upright = await sharp(await photo(130))
      .resize(64, 64)
      .png()
      .toBuffer()
    const lying = await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer()
    const [one, other] = [await makeTile(upright, credit), await makeTile(lying, credit)]
    expect(meanDifference(one.pixels, other.pixels)).toBeLessThan(0.5)
  })

  it('shows the most salient part, not the middle', async () => {
    const flower = await sharp(await photo(42))
      .resize(64, 64)
      .toBuffer()
    const wide = await sharp({ create: { width: 320, height: 64, channels: 3, background: '#8a8f94' } })
      .composite([{ input: flower, left: 250, top: 0 }])
      .png()
      .toBuffer()
    const { pixels } = await makeTile(wide, credit)
    const grey = Array.from({ length: tileSize * tileSize }, (_, n) =>
      pixels.subarray(n * 3, n * 3 + 3),
    ).filter(([r, g, b]) => Math.abs(r! - 0x8a) + Math.abs(g! - 0x8f) + Math.abs(b! - 0x94) < 12)
    expect(grey.length).toBeLessThan(tileSize * tileSize * 0.5)
  })

  it('can be made from the smallest picture and from the longest strip', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 4000],
      [4000, 2],
    ] as const) {
      const bytes = await sharp({ create: { width, height, channels: 3, background: '#c33' } })
        .png()
        .toBuffer()
      const { pixels } = await makeTile(bytes, credit)
      expect(Math.abs(pixels[0]! - 0xcc)).toBeLessThan(3)
    }
  })

  it('cannot be made from files that are truncated, too large or not pictures', async () => {
    const bytes = await photo(5)
    await expect(makeTile(Buffer.from('Dear diary'), credit)).rejects.toMatchObject({ code: 'not_an_image' })
    await expect(makeTile(new Uint8Array(), credit)).rejects.toMatchObject({ code: 'empty_input' })
    const half = bytes.subarray(0, bytes.length / 2)
    await expect(makeTile(half, credit)).rejects.toMatchObject({ code: 'image_truncated' })
    await expect(makeTile(bytes, credit, { bytes: 100 })).rejects.toMatchObject({ code: 'image_too_large' })
    await expect(makeTile(bytes, credit, { pixels: 100 })).rejects.toMatchObject({ code: 'too_many_pixels' })
  })
})

describe('look-alikes', () => {
  it('are copies with another size, format or compression', async () => {
    for (const n of [1, 4, 10, 13, 22, 29, 61]) {
      const original = await makeTile(await photo(n, { width: 400, height: 300, quality: 95 }), credit)
      const copies = [
        await photo(n, { width: 120, height: 90, quality: 50 }),
        await sharp(await photo(n, { width: 400, height: 300 }))
          .resize(1000)
          .webp({ quality: 60 })
          .toBuffer(),
      ]
      for (const copy of copies) {
        const tile = await makeTile(copy, credit)
        expect(looksLike(original.fingerprint, tile.fingerprint), `picture ${n}`).toBe(true)
      }
    }
  })

  it('are not the same drawing in another colour, or another drawing in the same colours', async () => {
    const bytes = await photo(42)
    const original = await makeTile(bytes, credit)
    const tinted = await makeTile(await sharp(bytes).modulate({ hue: 90 }).png().toBuffer(), credit)
    const mirrored = await makeTile(await sharp(bytes).rotate(90).png().toBuffer(), credit)
    expect(looksLike(original.fingerprint, tinted.fingerprint)).toBe(false)
    expect(looksLike(original.fingerprint, mirrored.fingerprint)).toBe(false)
  })

  it('share the smallest number among them, transitively', () => {
    const grey = (value: number) => fingerprint(new Uint8Array(64 * 64 * 3).fill(value), 64, 64)
    // Each is close to the next, the first not to the last; one is separate.
    expect([...groupLookAlikes([grey(200), grey(104), grey(96), grey(100), grey(108)])]).toEqual([
      0, 1, 1, 1, 1,
    ])
    expect(looksLike(grey(96), grey(108))).toBe(false)
    expect([...groupLookAlikes([])]).toEqual([])
  })

  it('are all found although only neighbours in lightness are compared', async () => {
    const prints = await Promise.all(
      Array.from({ length: 120 }, async (_, n) => (await makeTile(await photo(n % 60), credit)).fingerprint),
    )
    prints.forEach((print, n) => {
      if (n >= 60) print[8]! += n % 3
    })
    const groups = groupLookAlikes(prints)
    for (let i = 0; i < prints.length; i++)
      for (let j = 0; j < i; j++) if (looksLike(prints[i]!, prints[j]!)) expect(groups[i]).toBe(groups[j])
  })

  it('are the same as when comparing all pairs, however bits and colours are distributed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.array(fc.nat(63), { maxLength: 7 }), fc.nat(8)), { maxLength: 60 }),
        (made) => {
          /* Around a few originals: up to seven bits flipped, one colour up to eight steps off. */
          const prints = made.map(([original, flipped, step]) => {
            const print = new Uint8Array(fingerprintLength).map((_, i) => (original * 97 + i * 31) % 240)
            for (const bit of flipped) print[bit >> 3]! ^= 1 << (bit & 7)
            print[8 + (step % 12)]! += step
            return print
          })
          const smallest = prints.map((_, i) => i)
          for (let round = 0; round < prints.length; round++)
            for (let i = 0; i < prints.length; i++)
              for (let j = 0; j < i; j++)
                if (looksLike(prints[i]!, prints[j]!))
                  smallest[i] = smallest[j] = Math.min(smallest[i]!, smallest[j]!)
          expect([...groupLookAlikes(prints)]).toEqual(smallest)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe("a tile's pixels", () => {
  it('keep their mean light at any size, and their shape in cells that are not square', async () => {
    const half = new Uint8Array(tileBytes)
    for (let n = 0; n < tileBytes; n += 3) if ((n / 3) % tileSize >= 32) half.fill(255, n, n + 3)
    for (const [width, height] of [
      [64, 64],
      [32, 32],
      [10, 10],
      [20, 40],
      [50, 12],
      [100, 80],
    ] as const) {
      const out = new Uint8Array(width * height * 3)
      await resizeTiles(half, width, height, out)
      const row = out.subarray(Math.floor(height / 2) * width * 3).subarray(0, width * 3)
      expect([row[0], row[width * 3 - 1]]).toEqual([0, 255])
      const white = row.filter((value) => value > 127).length / row.length
      expect(Math.abs(white - 0.5)).toBeLessThan(0.06)
    }
  })

  it('are averaged in linear light', async () => {
    const stripes = new Uint8Array(tileBytes)
    for (let n = 0; n < tileBytes; n += 6) stripes.fill(255, n, n + 3)
    const out = new Uint8Array(32 * 32 * 3)
    await resizeTiles(stripes, 32, 32, out)
    // Half of the light is 188 in sRGB, not 128.
    expect(new Set(out)).toEqual(new Set([188]))
  })
})

function meanDifference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, n) => sum + Math.abs(value - other[n]!), 0) / one.length
}
