import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { composeMosaic, openVirtualPyramid, planMosaic } from '../../engine/index.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-virtual-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function planned(cell: number, tone: 'off' | 'bounded' = 'off') {
  const tiles = tileSet(60, { side: 64 })
  const target = await picture(50, 34).png().toBuffer()
  const plan = await planMosaic({ target, tiles, options: { cell, scale: cell / 2, distance: 2, tone } })
  return { tiles, plan }
}

test.each([
  [16, 'off'],
  [15, 'off'],
  [24, 'bounded'],
  [81, 'bounded'],
] as const)(
  'every tile is byte for byte that of the stored pyramid: cells of %i px, tone %s',
  async (cell, tone) => {
    const { tiles, plan } = await planned(cell, tone)
    const { pyramid } = await composeMosaic({ plan, tiles, directory })
    const virtual = await openVirtualPyramid({ plan, tiles })
    const zip = await yauzl.openPromise(pyramid.path)
    let compared = 0
    for await (const entry of zip.eachEntry()) {
      const chunks: Buffer[] = []
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk)
      const stored = Buffer.concat(chunks)
      const [, level, column, row] = /(\d+)\/(\d+)_(\d+)\.jpg$/.exec(entry.fileName) ?? []
      const made =
        level === undefined
          ? Buffer.from(virtual.descriptor)
          : await virtual.tile(Number(level), Number(column), Number(row))
      expect(made?.equals(stored)).toBe(true)
      compared++
    }
    expect(compared).toBeGreaterThan(10)
  },
)

test('with cells larger than their tiles, the top level is the large picture', async () => {
  const { tiles, plan } = await planned(128)
  const options = { ...plan.options, format: 'png' as const }
  const { large } = await composeMosaic({ plan: { ...plan, options }, tiles, directory, pyramid: false })
  const virtual = await openVirtualPyramid({ plan, tiles, quality: 95 })
  const top = Math.ceil(Math.log2(large.width))
  for (const [column, row] of [
    [0, 0],
    [3, 4],
  ] as const) {
    const tile = await virtual.tile(top, column, row)
    const seen = await sharp(tile).raw().toBuffer({ resolveWithObject: true })
    const { width, height } = seen.info
    const cut = { left: Math.max(0, column * 512 - 1), top: Math.max(0, row * 512 - 1), width, height }
    const there = await sharp(large.path, { failOn: 'warning' }).extract(cut).raw().toBuffer()
    let error = 0
    for (let i = 0; i < there.length; i++) error += Math.abs(there[i]! - seen.data[i]!)
    expect(error / there.length).toBeLessThan(3)
  }
})

test('there are no tiles outside of the pyramid', async () => {
  const virtual = await openVirtualPyramid(await planned(16))
  for (const [level, column, row] of [
    [-1, 0, 0],
    [99, 0, 0],
    [9, 1, 0],
    [9, 0, 1],
    [3, -1, 0],
  ] as const)
    expect(await virtual.tile(level, column, row)).toBeUndefined()
})

test('cells larger than their tiles are enlarged on request', async () => {
  const { tiles, plan } = await planned(256, 'bounded')
  const virtual = await openVirtualPyramid({ plan, tiles })
  expect(virtual).toMatchObject({ width: 25 * 256, height: 17 * 256 })
  const light = async (level: number, column: number, row: number) => {
    const tile = await virtual.tile(level, column, row)
    const { channels } = await sharp(tile).stats()
    return channels.map(({ mean }) => mean)
  }
  /* Four tiles of the top level show what one tile of the level below shows, so their mean is its mean. */
  const top = Math.ceil(Math.log2(25 * 256))
  for (const [column, row] of [
    [0, 0],
    [3, 2],
  ] as const) {
    const quarters = await Promise.all(
      [0, 1, 2, 3].map((i) => light(top, column * 2 + (i % 2), row * 2 + (i >> 1))),
    )
    const whole = await light(top - 1, column, row)
    const below = await light(top - 2, column >> 1, row >> 1)
    expect(below).toHaveLength(3)
    whole.forEach((value, channel) => {
      const mean = quarters.reduce((sum, quarter) => sum + quarter[channel]!, 0) / 4
      expect(Math.abs(mean - value)).toBeLessThan(3)
    })
  }
})

test('coarse levels need no pixels of tiles, and a finer tile can be asked for again after a failed read', async () => {
  const { tiles, plan } = await planned(80)
  let isGone = true
  const pixels = async (width: number, height: number) => {
    if (isGone) throw new Error('the library is not there')
    return await tiles.pixels(width, height)
  }
  const virtual = await openVirtualPyramid({ plan, tiles: { ...tiles, pixels } })
  const top = Math.ceil(Math.log2(25 * 80))
  /* 80 px are 1.25 px after six halvings. */
  for (const level of [0, 3, top - 6])
    expect((await sharp(await virtual.tile(level, 0, 0)).metadata()).format).toBe('jpeg')
  await expect(virtual.tile(top - 4, 0, 0)).rejects.toThrow('the library is not there')
  isGone = false
  const near = await virtual.tile(top - 4, 0, 0)
  const other = await openVirtualPyramid({ plan, tiles })
  expect(near?.equals((await other.tile(top - 4, 0, 0))!)).toBe(true)
})
