import { existsSync, rmSync } from 'node:fs'
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTileFolder, type TileFolder } from '../../engine/index.ts'
import { picture } from './pictures.ts'

let directory: string
let photos: string
let index: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-index-'))
  photos = join(directory, 'photos')
  index = join(directory, 'index')
  await mkdir(photos)
  for (let i = 0; i < 9; i++)
    await picture(60, 50, i + 1)
      .jpeg()
      .toFile(join(photos, `${i}.jpg`))
  await writeFile(join(photos, 'notes.txt'), 'not a photo')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Everything a mosaic could see of a tile set. */
const contents = async ({ tiles, skipped, duplicates }: TileFolder) => ({
  version: tiles.version,
  credits: Array.from({ length: tiles.count }, (_, i) => tiles.credit(i)),
  features: [...tiles.features],
  groups: [...tiles.groups],
  pixels: [...(await tiles.pixels(32, 32))],
  two: [...(await tiles.pixelsOf!([tiles.count - 1, 0], 16, 16))],
  skipped: skipped.sort((a, b) => (a.name < b.name ? -1 : 1)),
  duplicates,
})

test('reading a folder by its index gives the same as reading it anew', async () => {
  const anew = await readTileFolder(photos)
  const first = await readTileFolder(photos, { index })
  const second = await readTileFolder(photos, { index })
  expect([anew.read, first.read, second.read]).toEqual([10, 10, 0])
  expect(await contents(first)).toEqual(await contents(anew))
  expect(await contents(second)).toEqual(await contents(anew))
})

test('an index that was saved while photos were read is the same', async () => {
  const first = await readTileFolder(photos, { index, photosPerSave: 2 })
  const segments = (await readdir(index)).filter((name) => name.endsWith('.tiles'))
  expect(segments.length).toBeGreaterThan(3)
  const second = await readTileFolder(photos, { index })
  expect(second.read).toBe(0)
  expect(await contents(second)).toEqual(await contents(first))
  expect(await contents(second)).toEqual(await contents(await readTileFolder(photos)))
})

test('many tiles are saved in as many segments as there are cores, and read again', async () => {
  for (let i = 0; i < 400; i++)
    await writeFile(
      join(photos, `${100 + i}.png`),
      await picture(16, 16, i + 100)
        .png()
        .toBuffer(),
    )
  const first = await readTileFolder(photos, { index })
  const segments = (await readdir(index)).filter((name) => name.endsWith('.tiles'))
  expect(segments).toHaveLength(Math.min(2, availableParallelism()))
  const second = await readTileFolder(photos, { index })
  expect([first.tiles.count, second.tiles.count, second.read]).toEqual([409, 409, 0])
  expect(await contents(second)).toEqual(await contents(first))
})

test('a save that fails ends the run, and one that is running ends before an abort is reported', async () => {
  const gone = () => readdir(index).then((names) => names.length)
  const failed = readTileFolder(photos, {
    index,
    photosPerSave: 2,
    onProgress: (done) => {
      if (done === 1) rmSync(index, { recursive: true })
    },
  })
  await expect(failed).rejects.toThrow('ENOENT')
  await expect(gone()).rejects.toThrow('ENOENT')

  const stop = new AbortController()
  const onProgress = (done: number) => {
    if (done === 3) stop.abort(new Error('enough'))
  }
  const aborted = readTileFolder(photos, { index, photosPerSave: 2, onProgress, signal: stop.signal })
  await expect(aborted).rejects.toThrow('enough')
  const left = await readdir(index)
  expect(left.filter((name) => name.endsWith('.part'))).toEqual([])
  expect(left.filter((name) => name.endsWith('.tiles'))).toHaveLength(1)
})

test('reads only new and changed files, and drops deleted ones', async () => {
  await readTileFolder(photos, { index })
  await picture(60, 50, 77).jpeg().toFile(join(photos, 'new.jpg'))
  await picture(60, 50, 78).jpeg().toFile(join(photos, '3.jpg'))
  await copyFile(join(photos, '1.jpg'), join(photos, 'copy of 1.jpg'))
  await rm(join(photos, '5.jpg'))
  const after = await readTileFolder(photos, { index })
  expect(after.read).toBe(3)
  expect(await contents(after)).toEqual(await contents(await readTileFolder(photos)))
})

test('a touched file is read again, and is the same tile if the photo is the same', async () => {
  const before = await readTileFolder(photos, { index })
  await utimes(join(photos, '2.jpg'), 1, 1)
  const after = await readTileFolder(photos, { index })
  expect(after.read).toBe(1)
  expect(after.tiles.version).toBe(before.tiles.version)
  expect((await readdir(index)).filter((name) => name.endsWith('.tiles'))).toHaveLength(1)
})

test.each([
  ['a truncated segment', async (name: string) => truncate(name, 5000), '.tiles'],
  ['a list that is not JSON', async (name: string) => writeFile(name, '{'), '.json'],
  ['a missing list', async (name: string) => rm(name), '.json'],
])('rebuilds %s', async (_, damage, ending) => {
  const before = await readTileFolder(photos, { index })
  const names = (await readdir(index)).filter((name) => name.endsWith(ending))
  for (const name of names) await damage(join(index, name))
  const after = await readTileFolder(photos, { index })
  expect(after.read).toBeGreaterThan(0)
  expect(await contents(after)).toEqual(await contents(before))
  expect((await readTileFolder(photos, { index })).read).toBe(0)
})

test('a file that could not be read is not remembered: it may be the next time, with the same size and time', async () => {
  // More than Node reads at once, whoever runs the test and whatever disk it runs on. It takes no room.
  await writeFile(join(photos, 'unreadable.jpg'), '')
  await truncate(join(photos, 'unreadable.jpg'), 2 ** 31 + 1)
  for (const read of [11, 1]) {
    const folder = await readTileFolder(photos, { index })
    expect(folder.read).toBe(read)
    expect(folder.skipped.map(({ name }) => name).sort()).toEqual(['notes.txt', 'unreadable.jpg'])
  }
})

test('nothing half-written is left in the index', async () => {
  await readTileFolder(photos, { index })
  expect((await readdir(index)).every((name) => /^files\.json$|^[0-9a-f]{32}\.tiles$/.test(name))).toBe(true)
  expect(JSON.parse(await readFile(join(index, 'files.json'), 'utf8')).files['notes.txt']).toMatchObject({
    skipped: { code: 'not_an_image' },
  })
})

test('a read from an index deleted meanwhile fails, and the next reading of the folder rebuilds it', async () => {
  const { tiles } = await readTileFolder(photos, { index })
  await rm(index, { recursive: true })
  await expect(tiles.pixels(32, 32)).rejects.toMatchObject({ code: 'tile_missing' })
  const again = await readTileFolder(photos, { index })
  expect(again.read).toBe(10)
  expect((await again.tiles.pixels(32, 32)).length).toBe(tiles.count * 32 * 32 * 3)
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk gives an error and leaves no half-written files',
  async () => {
    await mkdir(index)
    await symlink('/dev/full', join(index, `files.json.${process.pid}.part`))
    await expect(readTileFolder(photos, { index })).rejects.toMatchObject({ code: 'ENOSPC' })
    expect((await readdir(index)).every((name) => name.endsWith('.tiles'))).toBe(true)
    expect((await readTileFolder(photos, { index })).tiles.count).toBe(9)
  },
)
