/** An archive of pictures, streamed one by one: each may be gone when its turn comes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createPages } from '../../web/pages.tsx'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-zip-'))
  const files = ['styles/main.css', 'islands/resize.ts', 'islands/recent.ts']
  const manifest = Object.fromEntries(files.map((file) => [file, { file: 'a' }]))
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
})
afterAll(async () => await rm(directory, { recursive: true }))

const job = (id: string) => ({
  ...{ id, type: 'resize', status: 'succeeded', params: {} },
  result: { url: `http://localhost/v1/jobs/${id}/result`, format: 'png', width: 1, height: 1, bytes: 3 },
})
const picture = () => new Response(new Uint8Array([1, 2, 3]))

/** Pages with an API that responds like this for the picture of `resize-b`. */
async function over(second: () => Response) {
  const calls: string[] = []
  const api = (request: Request) => {
    const { pathname } = new URL(request.url)
    calls.push(pathname)
    const [, id = '', result] = /^\/v1\/jobs\/(resize-[ab])(\/result)?$/.exec(pathname) ?? []
    if (!result) return Response.json(job(id))
    return id === 'resize-a' ? picture() : second()
  }
  const pages = createPages({ cache: await openGalleryCache({}), api, assets: { directory } })
  return { calls, pages }
}

const broken = () =>
  new Response(
    new ReadableStream({
      pull(controller) {
        controller.error(new Error('the store is gone'))
      },
    }),
  )

it('contains all of them', async () => {
  const { pages } = await over(picture)
  const answer = await pages.request('/result.zip?id=resize-a&id=resize-b')
  const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1')
  // The central directory, a line each.
  expect(bytes.split('PK\x01\x02')).toHaveLength(3)
})

it.each([
  ['deleted', () => Response.json({ code: 'job_deleted' }, { status: 410 }), /responded with 410/],
  ['cut off by the store', broken, /store is gone/],
])('aborts the archive if one is %s meanwhile, and the service continues', async (_, second, reason) => {
  const { pages } = await over(second)
  const answer = await pages.request('/result.zip?id=resize-a&id=resize-b')
  await expect(answer.arrayBuffer()).rejects.toThrow(reason)
  expect((await pages.request('/result.zip?id=resize-a')).status).toBe(200)
})

it('is limited like a page of results: more are rejected before reading any', async () => {
  const { pages, calls } = await over(picture)
  const body = new FormData()
  body.set('width', '9')
  for (let n = 0; n < 101; n++) body.append('image', new File(['x'], `${n}.jpg`))
  const headers = { Origin: 'http://localhost', Host: 'localhost', Accept: 'application/json' }
  const answer = await pages.request('/resize', { method: 'POST', headers, body })
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('at most 100 pictures')])
  expect(calls).toEqual([])
})
