import { describe, expect, it } from 'vitest'
import { makeTile, tileBytes } from '../../engine/tile.ts'
import {
  encodeSegment,
  type ReadRange,
  readSegmentIndex,
  readSegmentPixels,
} from '../../engine/tile-segment.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { photo } from './photos.ts'

const tiles = await Promise.all(
  [0, 1, 2].map(async (n) => ({
    ...(await makeTile(await photo(n), { source: `名前 ${n} 🎉.jpg`, author: { handle: 'someone' } })),
    addedAt: 1000 + n,
  })),
)
const segment = await encodeSegment(tiles)

const from =
  (bytes: Uint8Array): ReadRange =>
  async (start, end) =>
    bytes.subarray(start, end + 1)

const readAll = async (bytes: Uint8Array) => {
  const index = await readSegmentIndex('raw/cats/segments/1.tiles', from(bytes))
  return { index, pixels: await readSegmentPixels('raw/cats/segments/1.tiles', index, from(bytes)) }
}

describe('a segment of tiles', () => {
  it('returns its content to the bit', async () => {
    const { index, pixels } = await readAll(segment)
    expect(index.recipe).toBe(1)
    tiles.forEach((tile, n) => {
      const { pixels: own, features, ...entry } = tile
      expect(index.tiles[n]).toEqual(entry)
      expect(index.features.slice(n * featureLength, (n + 1) * featureLength)).toEqual(features)
      expect(Buffer.from(own).equals(pixels.subarray(n * tileBytes, (n + 1) * tileBytes))).toBe(true)
    })
  })

  it('has the same bytes for the same tiles', async () => {
    expect(Buffer.from(await encodeSegment(tiles)).equals(segment)).toBe(true)
  })

  it('lists its tiles without reading their pictures', async () => {
    let read = 0
    const many = await encodeSegment(Array.from({ length: 400 }, () => tiles).flat())
    const index = await readSegmentIndex('many', async (start, end) => {
      read += Math.min(end, many.length) - start
      return many.subarray(start, end + 1)
    })
    expect(index.tiles).toHaveLength(1200)
    expect(read).toBeLessThanOrEqual(Math.max(64 * 1024, index.sheet.start))
    expect(read).toBeLessThan(many.length)
  })

  it('is rejected by name if any of its bytes is wrong or missing', async () => {
    for (let at = 0; at < segment.length; at += 97) {
      const broken = Uint8Array.from(segment)
      broken[at]! ^= 0x10
      await expect(readAll(broken), `byte ${at}`).rejects.toMatchObject({
        code: 'tile_segment_corrupt',
        message: expect.stringContaining('raw/cats/segments/1.tiles'),
      })
    }
    for (const length of [0, 5, 79, 80, 300, segment.length - 1]) {
      const torn = readAll(segment.subarray(0, length))
      await expect(torn, `${length} bytes`).rejects.toMatchObject({ code: 'tile_segment_corrupt' })
    }
  })
})
