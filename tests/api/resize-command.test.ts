/** `mosaicme resize`: files, folders and patterns, locally and through a service. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { main } from '../../cli/main.ts'
import { printed } from '../cli/printed.ts'
import { type Api, listen, picture, startApi } from './api.ts'

let api: Api
let site: string
let stop: (() => Promise<void>) | undefined
let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-resize-'))
  await mkdir(join(folder, 'photos', 'deep'), { recursive: true })
  await writeFile(join(folder, 'photos', 'a.png'), await picture(60, 40, 'png'))
  await writeFile(join(folder, 'photos', 'a.jpg'), await picture(60, 40))
  await writeFile(join(folder, 'photos', 'deep', 'b.gif'), await picture(30, 30, 'gif'))
  await writeFile(join(folder, 'photos', 'broken.jpg'), 'no picture')
  await writeFile(join(folder, 'photos', 'notes.txt'), 'no picture')
  api = await startApi()
  ;({ site, stop } = await listen(api))
})
afterAll(async () => {
  await stop?.()
  await api?.stop()
  await rm(folder, { recursive: true, force: true })
})

const { out, err } = printed()
let results: string
beforeEach(() => {
  results = join(folder, `out-${count++}`)
})

async function run(...argv: string[]): Promise<number> {
  process.exitCode = undefined
  await main(['resize', ...argv, '--out', results])
  return Number(process.exitCode ?? 0)
}
const made = async () =>
  (await readdir(results, { recursive: true })).filter((name) => name.includes('.')).sort()
const photos = (...names: string[]) => join(folder, 'photos', ...names)

it('one file', async () => {
  expect(await run(photos('a.png'), '--width', '30')).toBe(0)
  expect(await made()).toEqual(['a.png'])
  expect(await sharp(await readFile(join(results, 'a.png'))).metadata()).toMatchObject({
    width: 30,
    height: 20,
    format: 'png',
  })
  expect(out).toEqual([`1 of 1 resized into ${results}.`])
})

it.each([
  ['alone', []],
  ['by a service', ['--service', '--url']],
])('a folder with its subfolders, %s; what fails is named, and the rest is there', async (_, options) => {
  const service = options.length > 0 ? [...options, site] : []
  expect(await run(photos(), '--width', '20', '--format', 'webp', ...service)).toBe(1)
  expect(await made()).toEqual(['a.jpg.webp', 'a.png.webp', 'deep/b.webp'])
  for (const name of await made())
    expect(await sharp(await readFile(join(results, name))).metadata()).toMatchObject({
      width: 20,
      format: 'webp',
    })
  expect(err.join('\n')).toMatch(/broken\.jpg: Expected a picture/)
  expect(out).toEqual([`3 of 4 resized into ${results}.`])
})

it('a pattern, with other options, for programs', async () => {
  const outputs = 'outputs=[{"name":"1x","width":10},{"name":"2x","width":20}]'
  expect(
    await run(join(folder, 'p*', '**', '*.{gif,png}'), '--set', outputs, '--set', 'grayscale=true', '--json'),
  ).toBe(0)
  expect(await made()).toEqual([
    'photos/a-1x.png',
    'photos/a-2x.png',
    'photos/deep/b-1x.gif',
    'photos/deep/b-2x.gif',
  ])
  expect(out.map((line) => (JSON.parse(line) as { to: string[] }).to.length)).toEqual([2, 2])
})

it.each([
  [['nowhere.jpg', '--width', '5'], /Expected a picture, a folder/],
  [['*.nothing', '--width', '5'], /pattern that matches/],
  [['photo.jpg'], /--width/],
])('rejects %j with a message', async (argv, sentence) => {
  expect(await run(...argv)).toBe(1)
  expect(err.join('\n')).toMatch(sentence)
})

it('rejects an unknown option once, not for each picture', async () => {
  expect(await run(photos(), '--width', '5', '--set', 'blur=1000')).toBe(1)
  expect(err).toHaveLength(1)
  expect(err[0]).toMatch(/blur/)
})
