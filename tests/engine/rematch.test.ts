import { describe, expect, test } from 'vitest'
import { planMosaic, rematchPlan, type TileSet } from '../../engine/index.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet } from './pictures.ts'

/** The set without some of its tiles. */
function without(set: TileSet, gone: (index: number) => boolean): TileSet {
  const kept = Array.from({ length: set.count }, (_, i) => i).filter((i) => !gone(i))
  const features = new Float32Array(new SharedArrayBuffer(kept.length * featureLength * 4))
  const groups = new Uint32Array(new SharedArrayBuffer(kept.length * 4))
  kept.forEach((tile, i) => {
    features.set(set.features.subarray(tile * featureLength, (tile + 1) * featureLength), i * featureLength)
    groups[i] = set.groups[tile]!
  })
  return {
    ...{ version: `${set.version} less`, count: kept.length, features, groups },
    credit: (i) => set.credit(kept[i]!),
    pixels: async (width, height) => {
      const all = await set.pixels(width, height)
      const size = width * height * 3
      return Buffer.concat(kept.map((tile) => all.subarray(tile * size, (tile + 1) * size)))
    },
  }
}

const png = () => picture(160, 120).png().toBuffer()
const number = (id: string) => Number(id.slice('tile-'.length))

describe('a plan whose tiles have been deleted', () => {
  test.each([
    ['plain', {}],
    ['with flips', { flips: 'all' }],
    ['with tone', { tone: 'bounded' }],
    ['with few uses of each', { most: 12 }],
  ] as const)('gives their cells to other tiles by the same rules: %s', async (_, more) => {
    const set = tileSet(400)
    const target = await png()
    const options = { cell: 8, scale: 2, distance: 2, ...more }
    const plan = await planMosaic({ target, tiles: set, options })
    const gone = (i: number) => i % 4 === 0
    const less = without(set, gone)
    const { plan: after, changed } = await rematchPlan({ plan, target, tiles: less })

    const goneCells = [...plan.cells].map((tile) => gone(number(plan.tiles[tile]!.id)))
    expect(changed).toEqual([...goneCells.keys()].filter((cell) => goneCells[cell]))
    expect(changed.length).toBeGreaterThan(0)
    expect(after.tiles.every(({ id }) => !gone(number(id)))).toBe(true)
    goneCells.forEach((is, cell) => {
      if (is) return
      expect(after.tiles[after.cells[cell]!]).toEqual(plan.tiles[plan.cells[cell]!])
      expect(after.scores[cell]).toBe(plan.scores[cell])
    })
    expect(violations(after, less)).toEqual([])
    // Nearly as close as a new plan.
    const anew = await planMosaic({ target, tiles: less, options })
    expect(after.fidelity.k4).toBeLessThan(anew.fidelity.k4 * 1.15)
  })

  test('does not change if it uses none of the deleted tiles', async () => {
    const set = tileSet(100)
    const target = await png()
    const plan = await planMosaic({ target, tiles: set, options: { cell: 8, scale: 1, distance: 1 } })
    expect(await rematchPlan({ plan, target, tiles: set })).toEqual({ plan, changed: [] })
  })

  test('breaks the distance rather than keep a deleted tile', async () => {
    const set = tileSet(30)
    const target = await png()
    const plan = await planMosaic({ target, tiles: set, options: { cell: 8, scale: 1, distance: 2 } })
    const { plan: after } = await rematchPlan({ plan, target, tiles: without(set, (i) => i >= 4) })
    expect(after.tiles.every(({ id }) => number(id) < 4)).toBe(true)
  })
})
