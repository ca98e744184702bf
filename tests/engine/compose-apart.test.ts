/** Large mosaics are composed in another process. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { composeApart, composeMosaic, planMosaic, type TileSet } from '../../engine/index.ts'
import { resizeTiles } from '../../engine/tile-pixels.ts'
import { pixelsOfTiles } from '../../engine/tile-set.ts'
import { children, nicenessOf } from '../processes.ts'
import { picture, tileSet } from './pictures.ts'

/** `/autogroup-7 nice 0`; empty without autogroups. sched(7) */
const sessionOf = (pid: number | 'self') => {
  const path = `/proc/${pid}/autogroup`
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-apart-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))
const drawn = tileSet(60)
/** Tiles stored at 64 px and scaled from there. */
const tiles: TileSet = {
  ...drawn,
  async pixelsOf(wanted, width, height) {
    const kept = await pixelsOfTiles(drawn, [...wanted], 64, 64)
    const out = new Uint8Array((kept.length / (64 * 64)) * width * height)
    await resizeTiles(kept, width, height, out)
    return out
  },
}
const plan = async (cell: number, columns: number, rows: number, more: object = {}) =>
  planMosaic({
    target: await picture(columns * 2, rows * 2)
      .png()
      .toBuffer(),
    tiles,
    options: { cell, scale: cell / 2, distance: 1, ...more },
  })

test.each([
  ['no larger than a stored tile', 48, 64, 56, { flips: 'mirror', tone: 'bounded' }],
  ['larger than that', 96, 32, 28, {}],
])(
  'gives the same bytes as composing in this process, with cells %s',
  async (_, cell, columns, rows, more) => {
    const made = await plan(cell, columns, rows, more)
    const of = async (compose: typeof composeMosaic) => {
      const { large, pyramid } = await compose({ plan: made, tiles, directory, quality: 70 })
      return [large, await readFile(large.path), await readFile(pyramid.path)] as const
    }
    const [here, largeHere, pyramidHere] = await of(composeMosaic)
    const [apart, large, pyramid] = await of(composeApart)
    expect(apart).toEqual(here)
    expect(large.equals(largeHere)).toBe(true)
    expect(pyramid.equals(pyramidHere)).toBe(true)
    expect((await readdir(directory)).sort()).toEqual(['large.jpg', 'pyramid.zip'])
  },
)

test('yields the CPU, reports progress, and ends with its process when aborted', async () => {
  const before = children()
  const ours = sessionOf('self')
  const made = await plan(96, 48, 48)
  const stop = new AbortController()
  let niceness = 0
  let session = ''
  const composing = composeApart({
    plan: made,
    tiles,
    directory,
    signal: stop.signal,
    onProgress: (done, total) => {
      // Messages sent before the abort still arrive.
      if (stop.signal.aborted) return
      expect(done).toBeLessThan(total)
      const [apart = 0] = children().filter((pid) => !before.includes(pid))
      niceness = nicenessOf(apart)
      session = sessionOf(apart)
      stop.abort(new Error('enough'))
    },
  })
  await expect(composing).rejects.toThrow('enough')
  expect(niceness).toBe(10)
  // With autogroups, the whole group of the child yields and ours does not.
  if (ours !== '') {
    expect(session).toMatch(/ nice 10$/)
    expect(session).not.toBe(ours)
    expect(sessionOf('self')).toBe(ours)
  }
  expect((await readdir(directory)).filter((name) => name !== 'large.jpg')).toEqual([])
  while (children().length > before.length) await delay(20)
})

test('names a tile missing from the set, and leaves no file', async () => {
  const made = await plan(96, 32, 30)
  await expect(composeApart({ plan: made, tiles: tileSet(3), directory })).rejects.toMatchObject({
    name: 'PictureError',
    code: 'tile_missing',
  })
  expect(await readdir(directory)).toEqual([])
})
