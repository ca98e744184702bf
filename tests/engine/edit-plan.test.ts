import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  composeMosaic,
  editPlan,
  type MosaicOptions,
  type MosaicPlan,
  type PlanEdits,
  planMosaic,
  runnersUp,
  type TileSet,
} from '../../engine/index.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
let target: Buffer
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-edit-'))
  target = await picture(80, 60).png().toBuffer()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const tiles = tileSet(140)
const planned = (options: Partial<MosaicOptions> = {}, set: TileSet = tiles) =>
  planMosaic({ target, tiles: set, options: { cell: 16, scale: 4, distance: 2, ...options } })

/** The tile in each cell. */
const shown = (plan: MosaicPlan) =>
  Array.from(plan.cells, (tile) => `${plan.tiles[tile]!.id} ${plan.tiles[tile]!.orientation ?? 0}`)
const idsOf = (plan: MosaicPlan) => Array.from(plan.cells, (tile) => plan.tiles[tile]!.id)

/** The same library without some photos. */
function without(set: TileSet, gone: ReadonlySet<string>): TileSet {
  const left = [...Array(set.count).keys()].filter((tile) => !gone.has(set.credit(tile).id))
  const features = new Float32Array(new SharedArrayBuffer(left.length * 48 * 4))
  const groups = new Uint32Array(new SharedArrayBuffer(left.length * 4))
  left.forEach((tile, i) => {
    features.set(set.features.subarray(tile * 48, (tile + 1) * 48), i * 48)
    groups[i] = set.groups[tile]!
  })
  const pixels = async (width: number, height: number) => {
    const all = await set.pixels(width, height)
    const size = width * height * 3
    return Buffer.concat(left.map((tile) => all.subarray(tile * size, (tile + 1) * size)))
  }
  return { ...set, count: left.length, features, groups, credit: (i) => set.credit(left[i]!), pixels }
}

test('a banned tile disappears, and no other cell changes', async () => {
  const before = await planned()
  const ban = idsOf(before)[33]!
  const { plan, changed } = await editPlan({ plan: before, tiles, edits: { ban: [ban] }, target })
  const held = idsOf(before).flatMap((id, cell) => (id === ban ? [cell] : []))
  expect(changed).toEqual(held)
  expect(idsOf(plan)).not.toContain(ban)
  const [then, now] = [shown(before), shown(plan)]
  expect(now.flatMap((look, cell) => (look === then[cell] ? [] : [cell]))).toEqual(held)
  expect(violations(plan, tiles)).toEqual([])
  for (const [cell, score] of plan.scores.entries())
    if (!held.includes(cell)) expect(score).toBe(before.scores[cell])
})

test('a cell gets the closest tile that its neighbours allow', async () => {
  const before = await planned()
  const cell = 107
  const ban = idsOf(before)[cell]!
  const { plan } = await editPlan({ plan: before, tiles, edits: { ban: [ban] }, target })
  const allowed = [...Array(tiles.count).keys()].filter((tile) => {
    const { id } = tiles.credit(tile)
    if (id === ban) return false
    const tried = { ...plan, tiles: [...plan.tiles, tiles.credit(tile)], cells: plan.cells.slice() }
    tried.cells[cell] = plan.tiles.length
    return id === idsOf(plan)[cell] || violations(tried, tiles).length === 0
  })
  /* Pinning any other allowed tile gives no better score. */
  for (const tile of allowed.slice(0, 20)) {
    const pin = [{ x: cell % 20, y: Math.floor(cell / 20), tile: tiles.credit(tile).id }]
    const other = await editPlan({ plan, tiles, edits: { pin }, target })
    expect(other.plan.scores[cell]! + 0.6).toBeGreaterThanOrEqual(plan.scores[cell]!)
  }
})

test('a pinned tile is in its cell, and the same tile nearby is replaced', async () => {
  const before = await planned()
  const tile = before.tiles[before.cells[43]!]!
  /* Two columns to the right of its present cell. */
  const edits: PlanEdits = { pin: [{ x: 5, y: 2, tile: tile.source }] }
  const { plan, changed } = await editPlan({ plan: before, tiles, edits, target })
  expect(idsOf(plan)[45]).toBe(tile.id)
  expect(idsOf(plan)[43]).not.toBe(tile.id)
  expect(changed).toContain(43)
  expect(violations(plan, tiles)).toEqual([])
})

const cellAt = (cell: number) => ({ x: cell % 20, y: Math.floor(cell / 20) })

test('a replaced cell gets the closest other tile, and its old tile stays elsewhere', async () => {
  const before = await planned({ distance: 0 })
  const ids = idsOf(before)
  const cell = ids.findIndex((id, at) => ids.indexOf(id) !== at)
  const [next] = await runnersUp({ plan: before, tiles, target, place: cellAt(cell), count: 1 })
  const { plan, changed } = await editPlan({
    ...{ plan: before, tiles, target },
    edits: { replace: [cellAt(cell)] },
  })
  expect(changed).toEqual([cell])
  expect(idsOf(plan)[cell]).toBe(next!.id)
  expect(idsOf(plan)).toContain(ids[cell])
})

test.each<Partial<MosaicOptions>>([{}, { flips: 'all' }, { most: 4 }])(
  'runners-up of a cell are sorted by closeness and can be pinned there without other changes: %o',
  async (options) => {
    const plan = await planned(options)
    const place = { x: 7, y: 5 }
    const found = await runnersUp({ plan, tiles, target, place, count: 6 })
    expect(found).toHaveLength(6)
    expect(new Set(found.map(({ id }) => id)).size).toBe(6)
    expect(found.map(({ id }) => id)).not.toContain(idsOf(plan)[107])
    // The matcher gives mean colours more weight than this measure does.
    expect(found[0]!.difference).toBeLessThan(found[5]!.difference + 0.6)
    for (const { id, difference } of [found[0]!, found[5]!]) {
      const pin = [{ ...place, tile: id }]
      const edited = await editPlan({ plan, tiles, target, edits: { pin } })
      expect(edited.changed).toEqual([107])
      expect(edited.plan.scores[107]).toBeCloseTo(difference, 2)
      expect(violations(edited.plan, tiles)).toEqual([])
    }
  },
)

test('two cells swap tiles, and the scores change', async () => {
  const before = await planned({ distance: 0 })
  const { plan, changed } = await editPlan({
    ...{ plan: before, tiles, target },
    edits: {
      swap: [
        [
          { x: 0, y: 0 },
          { x: 19, y: 14 },
        ],
      ],
    },
  })
  expect(changed).toEqual([0, 299])
  expect(shown(plan)[0]).toBe(shown(before)[299])
  expect(shown(plan)[299]).toBe(shown(before)[0])
  expect(plan.scores[0]).toBeGreaterThan(before.scores[0]!)
  expect(plan.fidelity.k4).toBeGreaterThan(before.fidelity.k4)
  const back = await editPlan({
    plan,
    tiles,
    target,
    edits: {
      swap: [
        [
          { x: 19, y: 14 },
          { x: 0, y: 0 },
        ],
      ],
    },
  })
  expect(shown(back.plan)).toEqual(shown(before))
  expect(back.plan.fidelity).toEqual(before.fidelity)
})

test('tiles deleted from the library are replaced under any rules', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        gone: fc.uniqueArray(fc.integer({ min: 0, max: 139 }), { maxLength: 60 }),
        distance: fc.integer({ min: 0, max: 4 }),
        most: fc.constantFrom(undefined, 4, 6),
        flips: fc.constantFrom('off' as const, 'all' as const),
        tone: fc.constantFrom('off' as const, 'bounded' as const),
      }),
      async ({ gone, most, ...options }) => {
        const before = await planned({ ...options, ...(most && { most }) })
        const ids = new Set(gone.map((tile) => tiles.credit(tile).id))
        const fewer = without(tiles, ids)
        const { plan, changed } = await editPlan({ plan: before, tiles: fewer, target })
        const [then, now] = [shown(before), shown(plan)]
        expect(idsOf(plan).filter((id) => ids.has(id))).toEqual([])
        expect(changed).toEqual(idsOf(before).flatMap((id, cell) => (ids.has(id) ? [cell] : [])))
        expect(now.filter((look, cell) => !changed.includes(cell) && look !== then[cell])).toEqual([])
        expect(violations(plan, fewer)).toEqual([])
        const uses = new Map<string, number>()
        for (const id of idsOf(plan)) uses.set(id, (uses.get(id) ?? 0) + 1)
        expect(Math.max(...uses.values())).toBeLessThanOrEqual(most ?? Infinity)
      },
    ),
    { numRuns: 12 },
  )
})

describe('impossible edits are refused by name', () => {
  test.each<[string, (plan: MosaicPlan) => PlanEdits, string]>([
    [
      'a cell outside of the grid',
      () => ({ pin: [{ x: 20, y: 0, tile: 'tile-1' }] }),
      'columns 0 to 19 and rows 0 to 14',
    ],
    ['an unknown tile', () => ({ ban: ['nobody.jpg'] }), '"nobody.jpg"'],
    [
      'equal tiles side by side',
      () => ({
        pin: [
          { x: 4, y: 4, tile: 'tile-1' },
          { x: 5, y: 5, tile: 'tile-1' },
        ],
      }),
      'more than 2 cells apart',
    ],
    [
      'a tile pinned and banned',
      () => ({ pin: [{ x: 4, y: 4, tile: 'tile-1' }], ban: ['tile-1'] }),
      'not banned as well',
    ],
    [
      'a cell whose tile is pinned and replaced',
      () => ({ pin: [{ x: 4, y: 4, tile: 'tile-1' }], replace: [{ x: 4, y: 4 }] }),
      'received two for 4,4',
    ],
    [
      'two tiles in one cell',
      () => ({
        pin: [
          { x: 4, y: 4, tile: 'tile-1' },
          { x: 4, y: 4, tile: 'tile-2' },
        ],
      }),
      'received two for 4,4',
    ],
  ])('%s', async (_, edits, message) => {
    const plan = await planned()
    await expect(editPlan({ plan, tiles, edits: edits(plan), target })).rejects.toMatchObject({
      code: 'invalid_edit',
      message: expect.stringContaining(message),
    })
  })

  test('a deleted tile without the target', async () => {
    const plan = await planned()
    const fewer = without(tiles, new Set([idsOf(plan)[7]!]))
    await expect(editPlan({ plan, tiles: fewer })).rejects.toMatchObject({ code: 'target_needed' })
    /* A banned tile is still there to compare with. */
    const { changed } = await editPlan({ plan, tiles, edits: { ban: [idsOf(plan)[7]!] } })
    expect(changed).toContain(7)
  })

  test('a ban that leaves a cell without a tile', async () => {
    const few = tileSet(9)
    const plan = await planned({}, few)
    await expect(editPlan({ plan, tiles: few, edits: { ban: ['tile-3'] }, target })).rejects.toMatchObject({
      code: 'library_too_small',
    })
  })
})

test.each(['off', 'bounded'] as const)(
  'copying the unchanged parts of an earlier mosaic gives the same result, tone %s',
  async (tone) => {
    const before = await planned({ tone, scale: 16 })
    const first = await composeMosaic({ plan: before, tiles, directory })
    const large = await readFile(first.large.path)
    const edits = { ban: [idsOf(before)[2]!], pin: [{ x: 79, y: 59, tile: 'tile-5' }] }
    const { plan } = await editPlan({ plan: before, tiles, edits, target })
    const fresh = await mkdtemp(join(directory, 'fresh-'))
    const whole = await composeMosaic({ plan, tiles, directory: fresh })
    const earlier = { plan: before, large: first.large.path, pyramid: first.pyramid.path }
    const copied = await mkdtemp(join(directory, 'copied-'))
    const some = await composeMosaic({ plan, tiles, directory: copied, earlier })
    expect((await readFile(whole.large.path)).equals(large)).toBe(false)
    expect((await readFile(some.large.path)).equals(await readFile(whole.large.path))).toBe(true)
    expect((await readFile(some.pyramid.path)).equals(await readFile(whole.pyramid.path))).toBe(true)

    /* With another quality, nothing can be copied, whatever the tone. */
    if (tone !== 'off') return
    const finer = await composeMosaic({ plan, tiles, directory: copied, earlier, quality: 95 })
    const alone = await composeMosaic({ plan, tiles, directory: fresh, quality: 95 })
    expect((await readFile(finer.large.path)).equals(await readFile(alone.large.path))).toBe(true)
    expect((await readFile(finer.pyramid.path)).equals(await readFile(alone.pyramid.path))).toBe(true)
  },
)

test('without changes, the bytes of the earlier file are copied', async () => {
  const plan = await planned({ scale: 16 })
  const { large } = await composeMosaic({ plan, tiles, directory, pyramid: false })
  const spoilt = await readFile(large.path)
  const at = spoilt.length - 100
  spoilt[at] = spoilt[at] === 0x11 ? 0x12 : 0x11
  const path = join(directory, 'spoilt.jpg')
  await writeFile(path, spoilt)
  const again = await composeMosaic({
    plan,
    tiles,
    directory,
    pyramid: false,
    earlier: { plan, large: path },
  })
  expect((await readFile(again.large.path)).equals(spoilt)).toBe(true)
})
