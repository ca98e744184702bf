/** Invalid bodies in place of a form are rejected with a message, without an error in the log. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createPages } from '../../web/pages.tsx'

let directory: string
let pages: Hono
const broken: Error[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-refused-'))
  const manifest = { 'styles/main.css': { file: 'main.css' } }
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
  const api = () => new Response(null, { status: 404 })
  const onError = (error: Error) => void broken.push(error)
  pages = createPages({ cache: await openGalleryCache({}), api, assets: { directory }, onError })
})
afterAll(async () => await rm(directory, { recursive: true }))

const forms = ['/new', '/resize', '/u/party', '/admin/sign-in']
const multipart = 'multipart/form-data; boundary=x'

it.each([
  ...forms.map((path) => [path, 'text/plain', 'hello', 400, 'That did not arrive'] as const),
  ...forms.map((path) => [path, multipart, '--x\r\nContent-Dis', 400, 'That did not arrive'] as const),
  ['/admin/sign-in', multipart, 'x'.repeat(10_000), 413, 'That is too much'] as const,
  ['/admin/v1/jobs/a/edits', 'application/json', 'x'.repeat(70_000), 413, 'That is too much'] as const,
])('%s rejects %s', async (path, type, body, status, words) => {
  const headers = { 'Content-Type': type, Origin: 'http://localhost', Host: 'localhost' }
  const answer = await pages.request(path, { method: 'POST', headers, body })
  expect(answer.status).toBe(status)
  expect(await answer.text()).toContain(words)
  expect(broken).toEqual([])
})
