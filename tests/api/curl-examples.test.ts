/** Runs the curl commands of README and docs, except for mosaics, which have their own tests. */
import { execFile } from 'node:child_process'
import { createWriteStream, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { type Api, listen, picture, startApi } from './api.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
const commands = pages
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) => [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n\s*(curl[^`]+)```/g)])
  .map(([, command]) => command!.trim())
  .filter((command) => !command.includes('"type":"mosaic"'))

let api: Api
let site: string
let stop: (() => Promise<void>) | undefined
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-curl-'))
  await symlink(join(root, 'docs'), join(folder, 'docs'))
  const zip = new ZipFile()
  zip.addBuffer(await picture(20, 20), 'a.jpg')
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(join(folder, 'pictures.zip')))
  api = await startApi()
  ;({ site, stop } = await listen(api))
})
afterAll(async () => {
  await stop?.()
  await api?.stop()
  await rm(folder, { recursive: true, force: true })
})

it('exist', () => expect(commands.length).toBeGreaterThanOrEqual(2))

it.each(commands)('%s', async (command) => {
  const typed = command.replaceAll('http://127.0.0.1:3000', site)
  const { stdout } = await promisify(execFile)('sh', ['-c', typed], { cwd: folder })
  const job = JSON.parse(stdout) as { id: string; status: string }
  const over = await api.request(`/v1/jobs/${job.id}`, { headers: { Prefer: 'wait=30' } })
  expect(await over.json()).toMatchObject({ status: 'succeeded' })
})
