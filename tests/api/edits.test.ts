/** Editing finished mosaics over HTTP, with all workers. */
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../api/client.ts'
import { editedJob } from '../../api/jobs/edited-job.ts'
import { main } from '../../cli/main.ts'
import { decodePlan, type MosaicPlan } from '../../engine/index.ts'
import { printed } from '../cli/printed.ts'
import { photo } from '../workflows/pictures.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { type Api, base64, listen, problemOf, startApi } from './api.ts'

let api: Api
let old: Job
let before: MosaicPlan
/** Keys of pictures that compose read from the store. */
let reads: string[] = []

const mosaic = async (more: object = {}) => ({
  ...{ type: 'mosaic', library: 'small', cell: 16, scale: 4, distance: 1, author: { handle: 'ann' } },
  input: { base64: Buffer.from(await photo()).toString('base64') },
  ...more,
})

beforeAll(async () => {
  api = await startApi(
    {},
    {
      wrapStore: (store) => {
        const get = store.get.bind(store)
        store.get = async (bucket, key, ...rest) => {
          reads.push(key)
          return await get(bucket, key, ...rest)
        }
        return store
      },
    },
  )
  await addStripedTiles(api.store)
  old = await api.finish(await mosaic())
  before = await planOf(old)
})
afterAll(async () => await api?.stop())

const edit = (id: string, edits: object, headers: Record<string, string> = {}) =>
  api.post(`/v1/jobs/${id}/edits`, edits, headers)
const ended = async (id: string) =>
  (await (await api.request(`/v1/jobs/${id}`, { headers: { Prefer: 'wait=30' } })).json()) as Job
const edited = async (id: string, edits: object) => {
  const answer = await edit(id, edits)
  expect(answer.status).toBe(202)
  return await ended(((await answer.json()) as Job).id)
}
const bytesOf = async (bucket: 'large' | 'small', key: string) =>
  await buffer((await api.store.get(bucket, key)).body)
const planOf = async ({ id }: Job) => decodePlan(await bytesOf('large', `${id}.plan.json`))
const shown = ({ tiles, cells }: MosaicPlan) => Array.from(cells, (tile) => tiles[tile]!.id)
/** Cells that show another tile. */
const differing = (one: MosaicPlan, other: MosaicPlan) =>
  shown(one).flatMap((id, cell) => (id === shown(other)[cell] ? [] : [cell]))

describe('an edited mosaic', () => {
  let done: Job
  let plan: MosaicPlan
  let banned: string
  beforeAll(async () => {
    banned = before.tiles[before.cells[0]!]!.source
    reads = []
    done = await edited(old.id, { ban: [banned] })
    plan = await planOf(done)
  })

  it('is a new job that names its parent, which stays unchanged', async () => {
    expect(done).toMatchObject({
      ...{ type: 'mosaic', status: 'succeeded', parent: old.id },
      params: { ...old.params, edits: { ban: [banned] } },
      result: { cells: { columns: before.grid.columns, rows: before.grid.rows } },
    })
    expect(await api.job(old.id)).toEqual(old)
    expect(await planOf(old)).toEqual(before)
  })

  it('shows the banned tile nowhere, and keeps all other cells', () => {
    const held = shown(before).flatMap((id, cell) => (id === shown(before)[0] ? [cell] : []))
    expect(differing(before, plan)).toEqual(held)
    expect(plan.tiles.map(({ source }) => source)).not.toContain(banned)
  })

  it('has its own pictures, which match the plan, and copies unchanged areas', async () => {
    const cell = before.grid.cell
    const [then, now] = await Promise.all(
      [old, done].map(async ({ id }) =>
        sharp(await bytesOf('large', `${id}.jpg`))
          .raw()
          .toBuffer(),
      ),
    )
    const line = before.grid.columns * cell * 3
    const changed = differing(before, plan)
    for (const at of before.cells.keys()) {
      /* Compares the middle, because JPEG blocks cross borders. */
      const y = Math.floor(at / before.grid.columns) * cell + cell / 2
      const from = y * line + ((at % before.grid.columns) * cell + 4) * 3
      const middle = (pixels: Buffer) => pixels.subarray(from, from + (cell - 8) * 3)
      expect(middle(then!).equals(middle(now!)), `cell ${at}`).toBe(!changed.includes(at))
    }
    expect(reads).toContain(`${old.id}.jpg`)
    const preview = await api.request(`/v1/jobs/${done.id}/files/mosaic_files/0/0_0.jpg`)
    expect(preview.status).toBe(200)
  })

  it('has its own steps, and appears in the gallery under the original author', async () => {
    const { events } = await api.client.workflow.getHandle(done.id).fetchHistory()
    const ordered = events!.flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    )
    expect(ordered).toEqual(['editPlan', 'compose', 'thumbnail', 'upload', 'cache', 'discardWork'])
    const { data } = (await (await api.request('/v1/gallery')).json()) as {
      data: { id: string; username: string }[]
    }
    expect(data.find(({ id }) => id === done.id)).toMatchObject({ username: 'ann' })
    expect(done.result).toHaveProperty('target')
  })

  it('can be edited again with pins and swaps when its parent is gone', async () => {
    reads = []
    const swap = [
      { x: 0, y: 0 },
      { x: 2, y: 0 },
    ]
    const third = await edited(done.id, { swap: [swap] })
    // Deep-zoom tiles away from that corner are unchanged.
    expect(reads.filter((key) => key.startsWith(`${done.id}_files/`)).length).toBeGreaterThan(2)
    const tile = plan.tiles.at(-1)!.id
    expect((await api.request(`/v1/jobs/${done.id}`, { method: 'DELETE' })).status).toBe(204)
    const fourth = await edited(third.id, { pin: [{ x: 20, y: 3, tile }] })
    expect(fourth).toMatchObject({ status: 'succeeded', parent: third.id })
    expect(fourth.params).toMatchObject({ edits: { pin: [{ x: 20, y: 3, tile }] } })
    expect(fourth.params.edits).not.toHaveProperty('swap')
    const last = await planOf(fourth)
    expect(shown(last)[3 * last.grid.columns + 20]).toBe(tile)
    expect(shown(last)[2]).toBe(shown(plan)[0])
  })
})

it('is the same job for the same key, and rejected with other edits', async () => {
  const key = { 'Idempotency-Key': 'once' }
  const ids = await Promise.all(
    [0, 1].map(async () => ((await (await edit(old.id, { ban: ['tile 7'] }, key)).json()) as Job).id),
  )
  expect(ids[0]).toBe(ids[1])
  expect(await problemOf(await edit(old.id, { ban: ['tile 8'] }, key))).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
  })
  await ended(ids[0]!)
})

it('lists other tiles for a cell, and accepts one of them there', async () => {
  const ask = async (id: string, query: string) => await api.request(`/v1/jobs/${id}/runners-up?${query}`)
  const answer = await ask(old.id, 'x=3&y=2&limit=5')
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: { id: string; source: string; difference: number }[] }
  expect(data).toHaveLength(5)
  const at = 2 * before.grid.columns + 3
  expect(data.map(({ id }) => id)).not.toContain(shown(before)[at])
  const [pinned, replaced] = await Promise.all([
    edited(old.id, { pin: [{ x: 3, y: 2, tile: data[3]!.id }] }),
    edited(old.id, { replace: [{ x: 3, y: 2 }] }),
  ])
  for (const [job, tile] of [
    [pinned, data[3]!.id],
    [replaced, data[0]!.id],
  ] as const) {
    const plan = await planOf(job)
    expect(differing(before, plan)).toEqual([at])
    expect(shown(plan)[at]).toBe(tile)
  }
  expect(await problemOf(await ask(old.id, 'x=40&y=0'))).toMatchObject({ status: 422, code: 'invalid_edit' })
  expect(await problemOf(await ask(old.id, 'x=1'))).toMatchObject({ status: 422, code: 'invalid_request' })
  expect(await problemOf(await ask('mosaic-nobody', 'x=0&y=0'))).toMatchObject({ status: 404 })
})

it('keeps the blended photo', async () => {
  const veiled = await api.finish(await mosaic({ cheat: 30, scale: 2 }))
  const plan = await planOf(veiled)
  const done = await edited(veiled.id, { ban: [plan.tiles[0]!.id] })
  expect(done).toMatchObject({ status: 'succeeded', params: { cheat: 30 } })
})

it.each([
  ['nothing', {}, 'invalid_request', '', /1 to 100 edits/],
  ['too much', { ban: Array(101).fill('tile 1') }, 'invalid_request', '', /1 to 100 edits/],
  ['an unknown kind of edit', { paint: [] }, 'invalid_request', '', /paint/],
  [
    'a cell outside of the grid',
    { pin: [{ x: 40, y: 0, tile: 'tile 1' }] },
    'invalid_edit',
    '/pin/0',
    /columns 0 to 39 .* received 40,0/,
  ],
  [
    'a swap with a cell outside of the grid',
    {
      swap: [
        [
          { x: 0, y: 0 },
          { x: 0, y: 99 },
        ],
      ],
    },
    'invalid_edit',
    '/swap/0/1',
    /rows 0 to 29/,
  ],
  [
    'a replacement outside of the grid',
    { replace: [{ x: 0, y: 30 }] },
    'invalid_edit',
    '/replace/0',
    /rows 0 to 29/,
  ],
  [
    'an unknown tile to ban',
    { ban: ['tile 1', 'nobody.jpg'] },
    'invalid_edit',
    '/ban/1',
    /received "nobody\.jpg"/,
  ],
  [
    'an unknown tile to pin',
    { pin: [{ x: 0, y: 0, tile: 'x' }] },
    'invalid_edit',
    '/pin/0/tile',
    /by ID or source/,
  ],
  [
    'a ban on all but three tiles',
    { ban: Array.from({ length: 57 }, (_, n) => `tile ${n}`) },
    'library_too_small',
    '/ban',
    /leave \d .* at least 4/,
  ],
] as const)('refuses %s', async (_, edits, code, pointer, sentence) => {
  const problem = await problemOf(await edit(old.id, edits))
  expect(problem).toMatchObject({ status: 422, code })
  expect([problem.detail, ...(problem.errors ?? []).map(({ detail }) => detail)].join(' ')).toMatch(sentence)
  if (pointer) expect(problem.errors).toMatchObject([{ pointer }])
})

it('explains in the job which rule prevents an edit', async () => {
  const tile = before.tiles[0]!.id
  const pin = [0, 1].map((x) => ({ x, y: 0, tile }))
  expect(await edited(old.id, { pin })).toMatchObject({
    status: 'failed',
    error: { code: 'invalid_edit', stage: 'edit-plan', retryable: false },
  })
})

it('only edits finished mosaics', async () => {
  const resize = await api.finish({ type: 'resize', width: 9, input: { base64: await base64() } })
  expect(await problemOf(await edit(resize.id, { ban: ['x'] }))).toMatchObject({
    status: 409,
    code: 'not_editable',
  })
  expect(await problemOf(await edit('mosaic-nobody', { ban: ['x'] }))).toMatchObject({ status: 404 })
  const request = { ban: ['tile 9'], pin: [], swap: [], replace: [] }
  for (const [status, code] of [
    ['processing', 'not_finished'],
    ['failed', 'not_editable'],
  ] as const)
    await expect(editedJob(api.deps, { ...old, status }, request)).rejects.toMatchObject({ code })
  const { id } = await edited(old.id, { ban: ['tile 9'] })
  const replay = await api.post(`/v1/jobs/${id}/replay`, { params: { distance: 2 } })
  expect(await problemOf(replay)).toMatchObject({ status: 409, code: 'no_replay_with_changes' })
})

describe('mosaicme edit --job', () => {
  let site: string
  let stop: (() => Promise<void>) | undefined
  const { out, err } = printed()
  beforeAll(async () => {
    ;({ site, stop } = await listen(api))
  })
  afterAll(async () => await stop?.())

  it('requests the edits and follows the new job', async () => {
    await main([
      'edit',
      '--job',
      old.id,
      '--ban',
      'tile 3',
      '--swap',
      '0,0:5,5',
      '--wait',
      '--json',
      '--url',
      site,
    ])
    const last = JSON.parse(out.at(-1)!) as Job
    expect(last).toMatchObject({ status: 'succeeded', parent: old.id })
    expect(last.params.edits).toEqual({
      ban: ['tile 3'],
      swap: [
        [
          { x: 0, y: 0 },
          { x: 5, y: 5 },
        ],
      ],
    })
  })

  it('requires either files or a job', async () => {
    await main(['edit', 'plan.json', '--job', old.id, '--ban', 'tile 3', '--url', site])
    await main(['edit', '--ban', 'tile 3'])
    expect(err.join('\n')).toMatch(/Expected a plan or --job.*\n.*Expected a plan or --job/s)
    expect(process.exitCode).toBe(1)
  })
})
