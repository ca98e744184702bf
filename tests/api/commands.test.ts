/** `mosaicme submit`, `get` and `watch` with an API on a socket. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { main } from '../../cli/main.ts'
import { printed } from '../cli/printed.ts'
import { type Api, listen, picture, startApi } from './api.ts'

let api: Api
let site: string
let stop: (() => Promise<void>) | undefined
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-commands-'))
  await writeFile(join(folder, 'photo.png'), await picture(60, 40, 'png'))
  await writeFile(join(folder, 'notes.txt'), 'no picture')
  api = await startApi()
  ;({ site, stop } = await listen(api))
})
afterAll(async () => {
  await stop?.()
  await api?.stop()
  await rm(folder, { recursive: true, force: true })
})

const { out, err } = printed()

/** The command's exit code. */
async function run(...argv: string[]): Promise<number> {
  process.exitCode = undefined
  await main([...argv, '--url', site])
  return Number(process.exitCode ?? 0)
}

const photo = () => join(folder, 'photo.png')

it('submits a picture, follows the job and prints the link to the result', async () => {
  expect(await run('submit', photo(), '--type', 'resize', '--width', '30', '--wait')).toBe(0)
  expect(err).toContain('resize (1 of 1)')
  expect(out.join('\n')).toMatch(
    /^resize-\w{26}: succeeded\n30x20 px, \d+ bytes: http:\/\/127\.0\.0\.1:\d+\/v1\//,
  )
})

it('prints JSON for programs, and gives the same job for the same key', async () => {
  const submit = () =>
    run(
      'submit',
      photo(),
      '--type',
      'resize',
      '--height',
      '9',
      '--format',
      'webp',
      '--idempotency-key',
      'k',
      '--json',
    )
  await submit()
  await submit()
  const [first, second] = out.map((line) => JSON.parse(line) as Job)
  expect(first?.id).toBe(second?.id)
  expect(first?.params).toMatchObject({ height: 9, format: 'webp' })

  expect(await run('watch', first?.id ?? '', '--json')).toBe(0)
  expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({ id: first?.id, status: 'succeeded' })

  const file = join(folder, 'small.webp')
  expect(await run('get', first?.id ?? '', '--out', file)).toBe(0)
  expect(await sharp(await readFile(file)).metadata()).toMatchObject({ height: 9, format: 'webp' })
  expect(out.at(-1)).toBe(`saved as ${file}`)
})

it.each([
  ['a file that is not there', () => ['submit', join(folder, 'none.png')], /there is no file/],
  ['a folder', () => ['submit', folder], /is not a file/],
  ['a text', () => ['submit', join(folder, 'notes.txt')], /but received something else/],
  ['a size of 0', () => ['submit', photo(), '--type', 'resize', '--width', '0'], /\/width: .*received 0/],
  ['a job that nobody started', () => ['watch', 'mosaic-none'], /There is no job with the ID/],
])('rejects %s with a message', async (_, argv, sentence) => {
  expect(await run(...argv())).toBe(1)
  expect(err.join('\n')).toMatch(sentence)
})

it('rejects options of another type of job, and invalid URLs', async () => {
  expect(await run('submit', photo(), '--width', '30')).toBe(1)
  expect(err.join()).toContain('Expected --type resize with --width: a mosaic does not take it.')
  await main(['get', 'mosaic-1', '--url', 'localhost:3000'])
  expect(err.join()).toContain('Expected a URL such as http://127.0.0.1:3000')
})

it('exits with 1 if the job failed, and says what to do if nothing responds', async () => {
  expect(await run('submit', 'http://127.0.0.1:1/x.png', '--type', 'resize', '--width', '9', '--wait')).toBe(
    1,
  )
  expect(out.join('\n')).toMatch(/: failed\n/)
  await main(['get', 'mosaic-a', '--url', 'http://127.0.0.1:1'])
  expect(process.exitCode).toBe(1)
  expect(err.join('\n')).toContain('Start it with "mosaicme up"')
})
