import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePlan, encodePlan, gridFor, planMosaic, smallestLibrary } from '../../engine/index.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet } from './pictures.ts'

const target = (width: number, height: number, seed = 1) => picture(width, height, seed).png().toBuffer()

test('equal tiles keep their distance for any grid, library and near-duplicates', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        columns: fc.integer({ min: 1, max: 24 }),
        rows: fc.integer({ min: 1, max: 24 }),
        distance: fc.integer({ min: 0, max: 6 }),
        extra: fc.integer({ min: 0, max: 60 }),
        alike: fc.integer({ min: 1, max: 3 }),
        seed: fc.integer({ min: 1, max: 1e6 }),
      }),
      async ({ columns, rows, distance, extra, alike, seed }) => {
        const groups = smallestLibrary({ columns, rows }, distance) + extra
        const tiles = tileSet(groups * alike, { seed, side: 4, group: (i) => i % groups })
        const plan = await planMosaic({
          target: await target(columns * 2, rows * 2, seed),
          tiles,
          options: { cell: 4, scale: 2, distance },
        })
        expect(plan.grid).toEqual({ columns, rows, cell: 4 })
        expect(plan.cells).toHaveLength(columns * rows)
        expect(violations(plan, tiles)).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

test('a library that is too small is rejected with the smallest size that works', async () => {
  const options = { cell: 4, scale: 2, distance: 3 }
  const image = await target(30, 20)
  await expect(planMosaic({ target: image, tiles: tileSet(15, { side: 4 }), options })).rejects.toMatchObject(
    {
      code: 'library_too_small',
      message: expect.stringContaining('at least 16 different tiles'),
    },
  )
  const alike = tileSet(40, { side: 4, group: (i) => i % 15 })
  await expect(planMosaic({ target: image, tiles: alike, options })).rejects.toMatchObject({
    code: 'library_too_small',
    message: expect.stringContaining('received 15 (40 with near-duplicates)'),
  })
  const enough = tileSet(16, { side: 4 })
  expect(violations(await planMosaic({ target: image, tiles: enough, options }), enough)).toEqual([])
})

test('a distance near the limit of the library is kept', async () => {
  const tiles = tileSet(1100, { side: 4 })
  const options = { cell: 4, scale: 2, distance: 30 }
  // Without its bound, local search takes minutes here.
  expect(violations(await planMosaic({ target: await target(200, 120), tiles, options }), tiles)).toEqual([])
})

test('the plan does not depend on the number of threads', async () => {
  const input = { target: await target(90, 70), tiles: tileSet(200), options: { cell: 16, scale: 8 } }
  const [one, two, four] = await Promise.all([1, 2, 4].map((threads) => planMosaic({ ...input, threads })))
  expect(Buffer.compare(encodePlan(one!), encodePlan(two!))).toBe(0)
  expect(Buffer.compare(encodePlan(one!), encodePlan(four!))).toBe(0)
})

test('progress rises to the total', async () => {
  const seen: [number, number][] = []
  await planMosaic({
    target: await target(40, 30),
    tiles: tileSet(100),
    options: { cell: 16, scale: 8 },
    onProgress: (done, total) => seen.push([done, total]),
  })
  const [, end] = seen[0]!
  expect(seen.at(-1)).toEqual([end, end])
  expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b))
})

test('an abort ends it early, and only after the work has stopped', async () => {
  const abort = new AbortController()
  let furthest = 0
  const planning = planMosaic({
    target: await target(640, 400),
    tiles: tileSet(3000, { side: 4 }),
    options: { cell: 4, scale: 4, distance: 5 },
    signal: abort.signal,
    onProgress: (done, all) => {
      furthest = done / all
      if (done > 0) abort.abort(new Error('enough'))
    },
  })
  await expect(planning).rejects.toThrow('enough')
  expect(furthest).toBeLessThan(0.5)
})

test('the grid has the nearest whole number of cells, at least one', () => {
  const options = { cell: 32, scale: 10 }
  expect(gridFor(1024, 576, options)).toEqual({ columns: 320, rows: 180, cell: 32 })
  expect(gridFor(1, 1, { ...options, scale: 1 })).toEqual({ columns: 1, rows: 1, cell: 32 })
  expect(gridFor(101, 99, { ...options, scale: 1 })).toEqual({ columns: 3, rows: 3, cell: 32 })
  expect(() => gridFor(7000, 100, options)).toThrow(expect.objectContaining({ code: 'output_too_large' }))
})

test.each([
  { cell: 0 },
  { cell: 1e99 },
  { scale: 0 },
  { scale: Number.NaN },
  { distance: -1 },
  { distance: 0.5 },
])('refuses %o by name', async (options) => {
  await expect(planMosaic({ target: await target(9, 9), tiles: tileSet(50), options })).rejects.toMatchObject(
    {
      code: 'invalid_option',
      message: expect.stringContaining(Object.keys(options)[0]!),
    },
  )
})

test('a plan survives its file and credits every tile in use', async () => {
  const tiles = tileSet(120)
  const plan = await planMosaic({ target: await target(60, 40), tiles, options: { cell: 16, scale: 8 } })
  expect(decodePlan(encodePlan(plan))).toEqual(plan)
  expect(plan.tiles.every(({ author }) => author?.name?.startsWith('名前'))).toBe(true)
  expect(new Set(plan.cells).size).toBe(plan.tiles.length)
})

test.each([
  ['text that is not JSON', () => Buffer.from('hello')],
  ['another version', (file: object) => Buffer.from(JSON.stringify({ ...file, version: 2 }))],
  [
    'a missing cell',
    (file: { cells: number[] }) => Buffer.from(JSON.stringify({ ...file, cells: file.cells.slice(1) })),
  ],
  [
    'an unknown tile',
    (file: { cells: number[] }) => Buffer.from(JSON.stringify({ ...file, cells: file.cells.fill(999) })),
  ],
])('a plan file with %s is refused', async (_, spoil) => {
  const plan = await planMosaic({
    target: await target(20, 20),
    tiles: tileSet(80),
    options: { cell: 16, scale: 8 },
  })
  const file = JSON.parse(Buffer.from(encodePlan(plan)).toString())
  expect(() => decodePlan(spoil(file))).toThrow(expect.objectContaining({ code: 'invalid_plan' }))
})
