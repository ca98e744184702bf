/** Inboxes: each new picture in a folder or under a prefix becomes a mosaic or a tile, once. */
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLookIntoInbox, type SeenInbox } from '../../activities/look-into-inbox.ts'
import { listTilesSoFar } from '../../activities/tile-library/index.ts'
import { lastAttempts } from '../workflows/last-attempts.ts'
import { photo, tilePhoto } from '../workflows/pictures.ts'
import type { Stack } from '../workflows/stack.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, problemOf, startApi } from './api.ts'

let root: string
let api: Api & { stack: Stack }
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mosaicme-inbox-'))
  api = await startApi({ INBOX_FOLDERS: root }, { inboxFolders: [root] })
  await addStripedTiles(api.store, 'small', 40)
})
afterAll(async () => {
  await api?.stop()
  await rm(root, { recursive: true, force: true })
})

interface Told {
  id: string
  status: string
  taken: number
  skipped: number
  last_skipped?: { name: string; code: string }
  reason?: string
}

const eventually = { timeout: 55_000, interval: 200 }
const start = (body: object) => api.post('/v1/inboxes', { library: 'small', every_seconds: 1, ...body })
const told = async (id: string) =>
  ((await (await api.request('/v1/inboxes')).json()) as { data: Told[] }).data.find((one) => one.id === id)
const act = (id: string, verb: string) => api.post(`/v1/inboxes/${id}/${verb}`, {})
const gallery = async () => (await api.gallery.page({ limit: 50 })).total

/** Moves a complete file into place, as cameras do, old enough not to be half-written. */
async function put(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true })
  const draft = join(root, 'draft')
  await writeFile(draft, bytes)
  const minuteAgo = Date.now() / 1000 - 60
  await utimes(draft, minuteAgo, minuteAgo)
  await rename(draft, join(folder, name))
}

describe('an inbox', () => {
  it('makes a mosaic of each new picture in a folder, once, whatever its name', async () => {
    const folder = join(root, 'scans')
    // Small ones, because their mosaics are ten times as wide.
    await put(folder, 'one.jpg', await photo(64, 48))
    await put(join(folder, 'deeper'), 'two.jpg', await photo(48, 36))
    await put(folder, 'notes.txt', Buffer.from('no picture'))
    await put(folder, 'broken.jpg', Buffer.from('no picture either'))
    const answer = await start({ name: 'scans', folder, cell: 16, distance: 1 })
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as Told
    await expect.poll(gallery, eventually).toBe(2)
    await expect
      .poll(() => told(id), eventually)
      .toMatchObject({ taken: 2, skipped: 1, last_skipped: { name: 'broken.jpg', code: 'not_an_image' } })
    // The same bytes under another name are not new; a link that leads elsewhere is not followed.
    const elsewhere = await mkdtemp(join(tmpdir(), 'mosaicme-elsewhere-'))
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }))
    await put(elsewhere, 'secret.jpg', await photo(120, 80))
    await symlink(join(elsewhere, 'secret.jpg'), join(folder, 'a-link.jpg'))
    await put(folder, 'copy.jpg', await photo(64, 48))
    await put(folder, 'three.jpg', await photo(40, 40))
    await expect.poll(gallery, eventually).toBe(3)
    await act(id, 'pause')
    await expect.poll(async () => (await told(id))?.status, eventually).toBe('paused')
    await put(folder, 'four.jpg', await photo(36, 48))
    await act(id, 'stop')
    await expect.poll(async () => (await told(id))?.status, eventually).toBe('stopped')
    // Started again, it resumes where it was.
    await start({ name: 'scans', folder, cell: 16, distance: 1 })
    await expect.poll(gallery, eventually).toBe(4)
    expect(await told(id)).toMatchObject({ taken: 4, skipped: 1 })
    await act(id, 'stop')
  })

  it('makes tiles of pictures under a prefix', async () => {
    for (let n = 0; n < 3; n++) await api.store.put('in', `inbox/booth/${n}.png`, await tilePhoto(200 + n))
    const { id } = (await (
      await start({
        ...{ name: 'booth', prefix: 'inbox/booth/', makes: 'tiles', library: 'booth' },
      })
    ).json()) as Told
    const names = async () =>
      (await listTilesSoFar({ store: api.store, library: 'booth' })).map(({ source }) => source).sort()
    await expect.poll(names, eventually).toEqual(['0.png', '1.png', '2.png'])
    await api.store.put('in', 'inbox/booth/3.png', await tilePhoto(203))
    await expect.poll(names, eventually).toEqual(['0.png', '1.png', '2.png', '3.png'])
    await expect.poll(async () => (await told(id))?.taken, eventually).toBe(4)
    await act(id, 'stop')
    // It waits for a store that is out of reach, however long.
    const { events } = await api.client.workflow.getHandle(id).fetchHistory()
    expect(lastAttempts(events)).toEqual({ lookIntoInbox: 0, indexTiles: 0 })
  })

  it('pauses and says why when its folder turns out to be elsewhere', async () => {
    await symlink(tmpdir(), join(root, 'way-out'))
    const { id } = (await (await start({ name: 'way-out', folder: join(root, 'way-out') })).json()) as Told
    await expect.poll(async () => (await told(id))?.status, eventually).toBe('paused')
    expect((await told(id))!.reason).toMatch(/INBOX_FOLDERS/)
    await act(id, 'stop')
  })

  it.each([
    ['a folder that is not allowed', { folder: '/etc' }],
    ['a way out of one that is', { folder: '/ROOT/../..' }],
    ['a prefix of what jobs keep', { prefix: 'moderation/' }],
    ['a prefix with a way up', { prefix: 'inbox/../uploads/' }],
    ['neither', {}],
    ['both', { folder: '/ROOT', prefix: 'inbox/a/' }],
  ])('is rejected %s', async (_, place) => {
    const body = JSON.parse(JSON.stringify({ name: 'wrong', ...place }).replaceAll('/ROOT', root))
    expect(await problemOf(await start(body))).toMatchObject({ status: 422, code: 'invalid_request' })
  })
})

it('ignores files that may be half-written, and recognises what an earlier attempt took', async () => {
  const folder = join(root, 'slow')
  await put(folder, 'old.jpg', await photo(80, 80))
  await writeFile(join(folder, 'growing.jpg'), (await photo(70, 70)).subarray(0, 500))
  const started: string[] = []
  const look = createLookIntoInbox({
    ...{ store: api.store, limits: {}, inboxFolders: [root] },
    mosaics: {
      async start({ jobId }) {
        if (started.includes(jobId)) return false
        started.push(jobId)
        return true
      },
    },
  })
  const params = { library: 'small', cell: 16, distance: 1, quality: 85 }
  const run = async () =>
    (await new MockActivityEnvironment().run(look, {
      ...{ name: 'slow', place: { folder }, makes: { mosaic: params } },
    })) as SeenInbox
  expect(await run()).toMatchObject({ started: 1, skipped: 0, more: false })
  // As if the process had died before marking anything.
  for (const { key } of (await api.store.list('in', { prefix: 'inboxes/slow/' })).objects)
    await api.store.delete('in', key)
  expect(await run()).toMatchObject({ started: 0, skipped: 0 })
  expect(started).toHaveLength(1)
})
