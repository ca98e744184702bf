import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { main } from '../../cli/main.ts'
import { decodePlan } from '../../engine/index.ts'
import { picture } from './pictures.ts'

let directory: string
let tiles: string
let target: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-command-'))
  tiles = join(directory, 'tiles')
  target = join(directory, 'target.jpg')
  await mkdir(join(tiles, 'more'), { recursive: true })
  await picture(64, 48, 3).jpeg().toFile(target)
  for (let i = 0; i < 40; i++)
    await picture(70, 50, i + 10)
      .jpeg()
      .toFile(join(tiles, i % 2 ? 'more' : '', `photo ${i}.jpg`))
  await writeFile(join(tiles, 'notes.txt'), 'not a photo')
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Runs the command in this process, with the index in a temporary folder. */
async function run(...args: string[]) {
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'))
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  const complained = vi.spyOn(console, 'error').mockImplementation(() => {})
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await main(['mosaic', ...args])
    const [stdout, stderr] = [said, complained].map(({ mock }) => mock.calls.flat().join('\n'))
    return { exitCode: Number(process.exitCode ?? 0), stdout: stdout!, stderr: stderr! }
  } finally {
    // Restores the exit code of the test run.
    process.exitCode = before
    vi.restoreAllMocks()
  }
}

test('makes a mosaic from a folder, with plan and pyramid, and names skipped files', async () => {
  const [out, plan, pyramid] = ['mosaic.jpg', 'plan.json', 'deep.zip'].map((name) =>
    join(directory, name),
  ) as [string, string, string]
  const options = [
    '--cell',
    '16',
    '--scale',
    '4',
    '--distance',
    '2',
    '--plan',
    plan,
    '--pyramid',
    pyramid,
    '--json',
  ]
  const { exitCode, stdout } = await run(target, '--tiles', tiles, '--out', out, ...options)
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    large: { path: out, width: 256, height: 192 },
    plan,
    pyramid,
    grid: { columns: 16, rows: 12, cell: 16, cells: 192 },
    fidelity: { k1: expect.any(Number), k2: expect.any(Number), k4: expect.any(Number) },
    tiles: { count: 40, duplicates: 0, skipped: [{ name: 'notes.txt', code: 'not_an_image' }] },
  })
  expect(await sharp(out).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 192 })
  expect(decodePlan(await readFile(plan)).grid).toEqual({ columns: 16, rows: 12, cell: 16 })
  expect((await readdir(directory)).sort()).toEqual([
    'cache',
    'deep.zip',
    'mosaic.jpg',
    'plan.json',
    'target.jpg',
    'tiles',
  ])
})

test('accepts metapixel’s option names, writes PNG, and reads only new photos on the second run', async () => {
  const [out, index, photos] = ['again.png', 'index', 'photos'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(photos)
  for (let i = 0; i < 12; i++)
    await picture(40, 40, i + 90)
      .jpeg()
      .toFile(join(photos, `${i}.jpg`))
  const options = ['--width', '16', '--height', '16', '--scale', '4', '--distance', '2', '--index', index]
  const once = async () =>
    JSON.parse((await run(target, '--tiles', photos, '--out', out, ...options, '--json')).stdout)
  expect(await once()).toMatchObject({ grid: { cell: 16 }, tiles: { count: 12, read: 12 } })
  const first = await readFile(out)
  expect((await sharp(first).metadata()).format).toBe('png')
  expect(await once()).toMatchObject({ tiles: { count: 12, read: 0 } })
  expect((await readFile(out)).equals(first)).toBe(true)
  await picture(40, 40, 200).jpeg().toFile(join(photos, 'new.jpg'))
  expect(await once()).toMatchObject({ tiles: { count: 13, read: 1 } })
  for (const path of [out, index, photos]) await rm(path, { recursive: true })
})

test('uses small tiles in detailed areas, and none where the mask is dark', async () => {
  const own = await mkdtemp(join(directory, 'masked-'))
  const [mask, out, plan] = ['mask.png', 'mosaic.png', 'plan.json'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ]
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .extend({ left: 8, background: '#000' })
    .toFile(mask)
  const { exitCode, stdout } = await run(
    ...[target, '--tiles', tiles, '--out', out, '--plan', plan, '--mask', mask, '--json'],
    ...['--cell', '8', '--scale', '4', '--distance', '1', '--layout', 'quadtree', '--detail', '0'],
  )
  expect(exitCode).toBe(0)
  const { grid } = JSON.parse(stdout)
  expect(grid).toEqual({ columns: 32, rows: 24, cell: 8, cells: 6 })
  expect(decodePlan(await readFile(plan)).grid.places).toHaveLength(18)
  const { data } = await sharp(out).raw().toBuffer({ resolveWithObject: true })
  expect([data[3], data[127 * 4 + 3], data[255 * 4 + 3]]).toEqual([0, 0, 255])
  await rm(own, { recursive: true })
})

test.each<[string, () => string[], RegExp]>([
  [
    'a cell height with hexagons',
    () => [target, '--tiles', tiles, '--out', 'x.jpg', '--layout', 'hexagons', '--height', '24'],
    /no --height for hexagons/,
  ],
  [
    'a missing target',
    () => ['no.jpg', '--tiles', tiles, '--out', 'x.jpg'],
    /no\.jpg for target: it does not exist/,
  ],
  [
    'a missing folder',
    () => [target, '--tiles', 'no', '--out', 'x.jpg'],
    /no for --tiles: it does not exist/,
  ],
  [
    'a missing output folder',
    () => [target, '--tiles', tiles, '--out', 'no/x.jpg'],
    /no for --out: it does not exist/,
  ],
  ['another format', () => [target, '--tiles', tiles, '--out', 'x.bmp'], /--out to end in \.jpg.*x\.bmp/],
  [
    'too few tiles',
    () => [target, '--tiles', tiles, '--out', 'x.jpg', '--distance', '9'],
    /at least 100 different tiles/,
  ],
  [
    'a target that is not a picture',
    () => [join(tiles, 'notes.txt'), '--tiles', tiles, '--out', 'x.jpg'],
    /but received something else/,
  ],
  [
    'detail without a quadtree',
    () => [target, '--tiles', tiles, '--out', 'x.jpg', '--detail', '9'],
    /--layout quadtree/,
  ],
  [
    'a missing mask',
    () => [target, '--tiles', tiles, '--out', 'x.png', '--mask', 'no.png'],
    /no\.png for --mask: it does not exist/,
  ],
  [
    'an alpha mask without transparency',
    () => [target, '--tiles', tiles, '--out', 'x.png', '--mask', 'alpha', '--distance', '1'],
    /with transparent parts/,
  ],
  ['a scale of 0', () => [target, '--tiles', tiles, '--out', 'x.jpg', '--scale', '0'], /scale/],
])('%s gives a message, exit code 1 and no file', async (_, args, sentence) => {
  const empty = await mkdtemp(join(directory, 'empty-'))
  const placed = args().map((arg) => (/^(no\/)?x\./.test(arg) ? join(empty, arg) : arg))
  const { exitCode, stdout, stderr } = await run(...placed)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(await readdir(empty)).toEqual([])
  await rm(empty, { recursive: true })
})
