import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureStarterLibrary, openTileLibrary, starterLibrary } from '../../activities/tile-library/index.ts'
import { starterCount } from '../../engine/starter/draw-tile.ts'
import { featureLength, type TileSet } from '../../engine/tile-set.ts'
import { programAt } from '../setup/programs.ts'
import { newStore, watched } from './stores.ts'

describe('starter library', () => {
  let folder: string
  let set: TileSet
  let features: Float32Array[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mosaicme-starter-'))
    // Two stores on one folder, like two processes; the third call comes while the first one is drawing.
    const [one, other] = [await newStore(folder), await newStore(folder)]
    const seen: number[] = []
    const drawn = await Promise.all([
      ensureStarterLibrary({ store: one, onProgress: ({ done }) => seen.push(done) }),
      ensureStarterLibrary({ store: other }),
      ensureStarterLibrary({ store: one }),
    ])
    expect(drawn).toEqual(Array(3).fill({ drawn: starterCount }))
    expect(seen.at(-1)).toBe(starterCount)
    set = await openTileLibrary({ store: one, library: starterLibrary, cacheDirectory: folder })
    features = Array.from({ length: set.count }, (_, n) =>
      set.features.subarray(n * featureLength, (n + 1) * featureLength),
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has at least 2,000 pictures, all different', () => {
    expect(set.count).toBe(starterCount)
    expect(starterCount).toBeGreaterThanOrEqual(2000)
    const alike = features.map((_, n) => n).filter((n) => set.groups[n] !== n)
    expect(alike.map((n) => set.credit(n).source)).toEqual([])
  })

  it('is drawn once per store, as one segment', async () => {
    const done: string[] = []
    const store = watched(await newStore(folder), (operation) => done.push(operation))
    expect(await ensureStarterLibrary({ store })).toEqual({ drawn: 0 })
    expect(done).toEqual(['head'])
    const { objects } = await store.list('raw', { prefix: 'starter/' })
    expect(objects).toHaveLength(2)
  })

  it('stops being drawn when nobody waits for it', async () => {
    const stop = new AbortController()
    const store = await newStore()
    const drawn: number[] = []
    const waiting = ensureStarterLibrary({
      store,
      signal: stop.signal,
      onProgress: ({ done }) => {
        drawn.push(done)
        if (done === 16) stop.abort(new Error('enough'))
      },
    })
    await expect(waiting).rejects.toThrow('enough')
    await setImmediate()
    await setImmediate()
    expect(drawn).toEqual([8, 16])
    expect((await store.list('raw')).objects).toEqual([])
  })

  it('has pictures that differ for the matcher, too', () => {
    // Mean OKLab distance over the 16 samples; 0.02 is just noticeable on large even areas.
    const distances: number[] = []
    for (let i = 0; i < set.count; i += 3) {
      let nearest = Number.POSITIVE_INFINITY
      for (let j = 0; j < set.count; j++) {
        if (j !== i) nearest = Math.min(nearest, squaredDistance(features[i]!, features[j]!, nearest))
      }
      distances.push(Math.sqrt(nearest / 16))
    }
    distances.sort((a, b) => a - b)
    expect(distances[0]).toBeGreaterThan(0.012)
    expect(distances[Math.floor(distances.length / 2)]).toBeGreaterThan(0.04)
  })

  it('covers sRGB: darks, near-whites, greys, skin and saturated colours', () => {
    const means = features.map((tile) => {
      const mean: [number, number, number] = [0, 0, 0]
      for (const [i, value] of tile.entries()) mean[i % 3]! += value / 16
      return mean
    })
    const nearest = ([L, a, b]: readonly [number, number, number]) =>
      Math.min(...means.map((mean) => Math.hypot(mean[0] - L, mean[1] - a, mean[2] - b)))
    const wanted = {
      black: [0.1, 0, 0],
      grey: [0.5, 0, 0],
      white: [0.96, 0, 0],
      'pale skin': [0.8, 0.03, 0.045],
      'brown skin': [0.45, 0.04, 0.06],
      'deep blue': [0.4, -0.02, -0.22],
      sky: [0.75, -0.04, -0.09],
      leaf: [0.55, -0.11, 0.1],
      'pure green': [0.8, -0.2, 0.15],
      red: [0.55, 0.18, 0.09],
      yellow: [0.9, -0.04, 0.15],
    } as const
    const far = Object.entries(wanted).filter(([, colour]) => nearest(colour) > 0.06)
    expect(far.map(([name]) => name)).toEqual([])
  })

  it('has edges in all directions', () => {
    const directions = new Set<number>()
    for (const tile of features) {
      const [right, down] = gradient(tile)
      if (Math.hypot(right, down) > 0.15)
        directions.add(Math.round((Math.atan2(down, right) / Math.PI) * 180 + 360) % 360)
    }
    const bins = new Set([...directions].map((degrees) => Math.floor(degrees / 15)))
    expect(bins.size).toBe(24)
  })

  it('is the same in another process', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      programAt(new URL('drawing-process.ts', import.meta.url)),
    )
    const here = new Set(features.map((_, n) => `${set.credit(n).id} ${set.credit(n).source}`))
    const there = stdout.trim().split('\n')
    expect(there).toHaveLength(64)
    expect(there.filter((line) => !here.has(line))).toEqual([])
  })
})

function squaredDistance(one: Float32Array, other: Float32Array, giveUp: number): number {
  let sum = 0
  for (let i = 0; i < one.length && sum < giveUp; i++) sum += (one[i]! - other[i]!) ** 2
  return sum
}

/** Lightness of the right half relative to the left, and of the lower half relative to the upper. */
function gradient(features: Float32Array): [right: number, down: number] {
  let right = 0
  let down = 0
  for (let sample = 0; sample < 16; sample++) {
    const lightness = features[sample * 3]! / 8
    right += sample % 4 < 2 ? -lightness : lightness
    down += sample < 8 ? -lightness : lightness
  }
  return [right, down]
}
