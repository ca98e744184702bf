/** Prints of walls over HTTP: format, validation, concurrency. Needs no Temporal. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addTiles, photoKey, readTiles } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createLogger } from '../../adapters/logger.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { createApp } from '../../api/app.ts'
import { tilePhoto } from '../workflows/pictures.ts'
import { form, picture, problemOf } from './api.ts'

let directory: string
let store: ObjectStore
let app: Pick<ReturnType<typeof createApp>, 'request'>
let tiles: string[]
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-prints-'))
  store = await openObjectStore({ dataDir: directory })
  app = createApp({
    client: new Client({ connection: Connection.lazy() }),
    store,
    cache: await openGalleryCache({}),
    environment: loadEnvironment({}),
    logger: createLogger({ level: 'fatal' }),
    listLibraries: async () => [],
    readTiles: (library, ids) => readTiles({ store, library, ids }),
    tilePhoto: (library, tile) => ({ bucket: 'raw', key: photoKey(library, tile) }),
  })
  async function* photos() {
    for (const seed of [1, 2, 3]) yield { name: `guest ${seed}`, bytes: await tilePhoto(seed) }
  }
  await addTiles({ store, library: 'party', photos: photos() })
  const prefix = photoKey('party', '')
  tiles = (await store.list('raw', { prefix })).objects.map(({ key }) => key.slice(prefix.length))
})
afterAll(async () => {
  await store?.close()
  await rm(directory, { recursive: true, force: true })
})

/** A wall of 3 x 2 with one empty cell. */
const wall = () => ({ columns: 3, cells: [...tiles, tiles[0]!, null, tiles[1]!] })
const print = async (job: object, image: Uint8Array | undefined = undefined) =>
  await app.request(
    '/v1/tiles/party/print',
    form({ image: image ?? (await picture(60, 40)), job: JSON.stringify(job) }),
  )

describe('a print', () => {
  it.each([
    ['pdf', { paper: 'A2' }, 36],
    ['tiff', { width_mm: 150, height_mm: 100 }, 150],
  ] as const)('as %s is as large as its paper', async (format, paper, dpi) => {
    const answer = await print({ ...wall(), ...paper, format, dpi })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Disposition')).toBe(`attachment; filename="party.${format}"`)
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (format === 'tiff') {
      // 140 x 90 mm between margins, at 150 dpi: cells of 265 px.
      const { width, height, density } = await sharp(bytes).metadata()
      expect([width, height, density]).toEqual([795, 530, 150])
    } else {
      const [across, down] = /MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(bytes.toString('latin1'))!.slice(1)
      expect([across, down].map((points) => Math.round((Number(points) / 72) * 25.4))).toEqual([594, 420])
    }
  })

  it.each([
    ['dpi that are no number', { dpi: 'fine' }, 422, 'invalid_request', /dpi|number/],
    ['fewer dpi than a screen', { dpi: 35 }, 422, 'invalid_request', /36/],
    ['more dpi than any printer', { dpi: 1_201 }, 422, 'invalid_request', /1200/],
    ['half a dot', { dpi: 300.5 }, 422, 'invalid_request', /whole number/],
    ['more pixels than fit', { paper: 'A0', dpi: 1_200 }, 422, 'output_too_large', /choose fewer dpi/],
    [
      'photos too small to see',
      { columns: 1_000, cells: Array(1_000).fill(null), paper: 'A5', dpi: 36 },
      422,
      'invalid_request',
      /choose a larger paper or more dpi/,
    ],
    ['a row that is not whole', { columns: 4 }, 422, 'invalid_request', /whole rows/],
    ['a width without its height', { width_mm: 200 }, 422, 'invalid_request', /both width_mm/],
    ['a paper that there is not', { paper: 'B7' }, 422, 'invalid_request', /A4/],
    ['something that is not a tile', { cells: ['../x', null, null] }, 422, 'invalid_request', /64 hex/],
  ] as const)('is refused for %s', async (_, change, status, code, sentence) => {
    const problem = await problemOf(await print({ ...wall(), ...change }))
    expect(problem).toMatchObject({ status, code })
    const said = [problem.detail, ...(problem.errors ?? []).map(({ detail }) => detail)].join(' ')
    expect(said).toMatch(sentence)
  })

  it('is rejected without a picture, and if it is too large', async () => {
    const broken = await problemOf(await print(wall(), Buffer.from('a shopping list')))
    expect(broken).toMatchObject({ code: 'not_an_image', errors: [{ pointer: '/image' }] })
    const none = await app.request('/v1/tiles/party/print', form({ job: JSON.stringify(wall()) }))
    expect(none.status).toBe(422)
    const large = await print(wall(), new Uint8Array(9 * 2 ** 20))
    expect(await problemOf(large)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it('is limited to two at a time, and a disconnected client makes room', async () => {
    const large = { ...wall(), paper: 'A2', dpi: 100, format: 'tiff' }
    const [one, other] = [await print(large), await print(large)]
    const readers = [one, other].map(({ body }) => body!.getReader())
    // Started, but not read.
    await Promise.all(readers.map((reader) => reader.read()))
    const third = await print(large)
    expect(third.headers.get('Retry-After')).toBe('30')
    expect(await problemOf(third)).toMatchObject({ code: 'overloaded' })
    await Promise.all(readers.map((reader) => reader.cancel()))
    await expect.poll(async () => (await print({ ...wall(), paper: 'A5', dpi: 36 })).status).toBe(200)
  })
})
