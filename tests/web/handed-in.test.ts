/** What guests are told about an uploaded photo. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createPages } from '../../web/pages.tsx'

it.each([
  [false, 'In a moment'],
  [true, 'Once a moderator has approved it'],
])('depends on whether photos are held for approval: %s', async (holdsPhotos, words) => {
  const directory = await mkdtemp(join(tmpdir(), 'mosaicme-handed-in-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await writeFile(
    join(directory, 'manifest.json'),
    JSON.stringify({ 'styles/main.css': { file: 'main.css' } }),
  )
  const cache = await openGalleryCache({})
  const api = () => new Response(null, { status: 404 })
  const pages = createPages({ cache, api, assets: { directory }, holdsPhotos })
  const answer = await pages.request(`/u/party?tile=${'0'.repeat(64)}`)
  expect(await answer.text()).toContain(words)
})
