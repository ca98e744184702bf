/** `POST /v1/previews`: bounded, cached, and aborted when nobody waits. */
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TileSet } from '../../engine/index.ts'
import { tileSet } from '../engine/pictures.ts'
import { type Api, picture, problemOf, startApiWithoutWorkers } from './api.ts'

let api: Api
const tiles = tileSet(300, { side: 32 })
/** How often tiles' pixels were read: once per preview made. */
let made = 0
let held: Promise<void> | undefined
beforeAll(async () => {
  const bare = await startApiWithoutWorkers()
  const openLibrary = async (): Promise<TileSet> => ({
    ...tiles,
    pixels: async (width, height) => {
      if (width === 32) made++
      await held
      return await tiles.pixels(width, height)
    },
  })
  api = { ...bare.with({ openLibrary }), stop: bare.stop }
})
afterAll(() => api?.stop())

async function ask(job: object, { photo, signal }: { photo?: Uint8Array; signal?: AbortSignal } = {}) {
  const body = new FormData()
  body.set('image', new File([new Uint8Array(photo ?? (await picture(120, 90)))], 'photo.jpg'))
  body.set('job', JSON.stringify(job))
  return await api.request('/v1/previews', { method: 'POST', body, ...(signal && { signal }) })
}
const small = { cell: 16, scale: 2, distance: 1 }

describe('a preview', () => {
  it('has the grid of the photo’s mosaic, whatever the size of the reduced picture', async () => {
    const answer = await ask({ ...small, scale: 0.5 * 2, width: 480, height: 360 })
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'image/webp'])
    expect([answer.headers.get('Mosaic-Columns'), answer.headers.get('Mosaic-Rows')]).toEqual(['30', '23'])
    const { width, height } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata()
    expect([width, height]).toEqual([960, 736])
  })

  it('is made once per set of options', async () => {
    await ask(small)
    const before = made
    await ask(small)
    expect(made).toBe(before)
    await ask({ ...small, flips: 'mirror' })
    expect(made).toBe(before + 1)
  })

  it.each([
    [{ cell: 4 }, '/job/cell'],
    [{ flavour: 'mild' }, '/job/flavour'],
    [{ width: 100 }, '/job/height'],
    [{ library: 'nobody-has-it' }, '/job/library'],
    [{ cell: 8, scale: 4, distance: 1000 }, '/job/distance'],
    [{ cell: 8, scale: 40, width: 9000, height: 9000 }, '/job/scale'],
  ])('says what is wrong with %j', async (job, pointer) => {
    const problem = await problemOf(await ask(job))
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer])
  })

  it('requires a reduced photo', async () => {
    const noise = await sharp({
      create: {
        width: 1500,
        height: 1500,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .jpeg({ quality: 95 })
      .toBuffer()
    expect((await problemOf(await ask(small, { photo: noise }))).code).toBe('image_too_large')
  })

  it('waits for its turn, and is rejected with Retry-After if too many wait', async () => {
    let release = () => {}
    held = new Promise((resolve) => {
      release = resolve
    })
    const before = made
    const many = Array.from({ length: 8 }, (_, distance) => ask({ cell: 32, scale: 1, distance }))
    const refused = await Promise.any(
      many.map(async (asked) => {
        const answer = await asked
        if (answer.status !== 429) throw new Error('served')
        return answer
      }),
    )
    expect(refused.headers.get('Retry-After')).toBe('1')
    await expect.poll(() => made).toBe(before + 1)
    release()
    const answers = await Promise.all(many)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  })

  it('is aborted when the client disconnects, without an error in the log', async () => {
    let release = () => {}
    held = new Promise((resolve) => {
      release = resolve
    })
    const errors = api.errors.length
    const gone = new AbortController()
    const first = ask({ ...small, search: 'global', cell: 32 })
    const second = ask({ ...small, flips: 'all' }, { signal: gone.signal })
    gone.abort()
    release()
    expect((await first).status).toBe(200)
    const before = made
    expect((await second).status).toBe(400)
    expect([made, api.errors.length]).toEqual([before, errors])
  })
})
