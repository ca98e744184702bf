import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { halveTiles, responsesFor } from '../../engine/halved-tiles.ts'
import {
  comparePictures,
  composeMosaic,
  decodePlan,
  encodePlan,
  type MosaicPlan,
  planMosaic,
} from '../../engine/index.ts'
import { renderRegion } from '../../engine/render.ts'
import { structuralSimilarity } from '../../engine/structural-similarity.ts'
import { picture, tileSet, wavyPixels } from './pictures.ts'

const side = 32
const tiles = tileSet(70, { side })
let target: Buffer
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-tone-'))
  target = await picture(48, 36, 4).png().toBuffer()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const planWith = (tone: 'off' | 'bounded' | 'full', threads = 2) =>
  planMosaic({ target, tiles, options: { cell: side, scale: 16, distance: 3, tone }, threads })

/** The pixels of each cell as composed, before compression, and those of its tile. */
async function cellsOf(plan: MosaicPlan): Promise<{ painted: Uint8Array; own: Uint8Array }[]> {
  const size = side * side * 3
  const all = await tiles.pixels(side, side)
  const pixels = new Uint8Array(new SharedArrayBuffer(plan.tiles.length * size))
  plan.tiles.forEach(({ id }, i) => {
    const tile = Number(id.slice('tile-'.length))
    pixels.set(all.subarray(tile * size, (tile + 1) * size), i * size)
  })
  const shape = { width: side, height: side }
  const sheet = { ...shape, pixels, ...(plan.tones && { responses: responsesFor(pixels) }) }
  halveTiles({ from: sheet, sheets: [], first: 0, end: plan.tiles.length })
  const { columns } = plan.grid
  const { cells, tones } = plan
  return Array.from(plan.cells, (tile, cell) => {
    const region = { halvings: 0, width: side, height: side }
    const at = { left: (cell % columns) * side, top: Math.floor(cell / columns) * side }
    const painted = renderRegion({
      ...{ sheets: [sheet], firstSheet: 0, cells, tones, cell: shape, grid: plan.grid },
      ...region,
      ...at,
    })
    return { painted, own: pixels.subarray(tile * size, (tile + 1) * size) }
  })
}

describe('bounded tone', () => {
  test('brings a mosaic much closer to its target and keeps an SSIM of 0.9 for each tile', async () => {
    const [off, bounded] = [await planWith('off'), await planWith('bounded')]
    expect(bounded.fidelity.k1).toBeLessThan(off.fidelity.k1 * 0.6)
    expect(bounded.fidelity.k4).toBeLessThan(off.fidelity.k4)
    const similarities = (await cellsOf(bounded)).map(({ painted, own }) =>
      structuralSimilarity(painted, own, side),
    )
    expect(Math.min(...similarities)).toBeGreaterThanOrEqual(0.9)
    /* Some cells reach the bound, else this would prove nothing. */
    expect(Math.min(...similarities)).toBeLessThan(0.92)
  })

  test('is as close as its plan says once composed', async () => {
    const plan = await planWith('bounded')
    const { large } = await composeMosaic({ plan, tiles, directory, quality: 100, pyramid: false })
    const measured = await comparePictures(target, await readFile(large.path), plan.grid)
    for (const k of ['k1', 'k2', 'k4'] as const)
      expect(Math.abs(measured[k] - plan.fidelity[k])).toBeLessThan(0.35)
  })
})

test('full tone gets closer than bounded', async () => {
  const [bounded, full] = [await planWith('bounded'), await planWith('full')]
  expect(full.fidelity.k1).toBeLessThan(bounded.fidelity.k1)
})

test('without tone, tiles keep their pixels', async () => {
  const plan = await planWith('off')
  expect(plan.tones).toBeUndefined()
  for (const { painted, own } of await cellsOf(plan)) expect(Buffer.compare(painted, own)).toBe(0)
})

test('tones do not depend on the number of threads and survive the plan file', async () => {
  const [one, two, four] = await Promise.all([1, 2, 4].map((threads) => planWith('bounded', threads)))
  expect(Buffer.compare(encodePlan(one!), encodePlan(two!))).toBe(0)
  expect(Buffer.compare(encodePlan(one!), encodePlan(four!))).toBe(0)
  expect(decodePlan(encodePlan(one!))).toEqual(one)
  const file = JSON.parse(Buffer.from(encodePlan(one!)).toString())
  file.tones.pop()
  expect(() => decodePlan(Buffer.from(JSON.stringify(file)))).toThrow(/four numbers of tone/)
})

test('SSIM is 1 for a picture with itself, and falls as contrast is lost', () => {
  const one = wavyPixels(32, 32)
  expect(structuralSimilarity(one, one, 32)).toBeCloseTo(1, 12)
  const flat = one.map((value) => 128 + (value - 128) * 0.5)
  const flatter = one.map((value) => 128 + (value - 128) * 0.1)
  expect(structuralSimilarity(one, flat, 32)).toBeLessThan(0.99)
  expect(structuralSimilarity(one, flatter, 32)).toBeLessThan(structuralSimilarity(one, flat, 32))
  /* By hand: two plain pictures differ only in the first factor, (2xy + c1) / (x² + y² + c1). */
  const even = (value: number) => new Uint8Array(32 * 32 * 3).fill(value)
  expect(structuralSimilarity(even(100), even(50), 32)).toBeCloseTo((10_000 + 6.5025) / (12_500 + 6.5025), 9)
})
