import { existsSync } from 'node:fs'
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
import { tmpdir } from 'node:os'
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

test('the index has no half-written files', async () => {
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
