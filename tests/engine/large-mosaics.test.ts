import { expect, test } from 'vitest'
import { enlargement, enlargeRun } from '../../engine/enlarge.ts'
import { encodePlan, planMosaic } from '../../engine/index.ts'
import { bandHeight } from '../../engine/jpeg-bands.ts'
import { violations } from './distance-checker.ts'
import { picture, tileSet, wavyPixels } from './pictures.ts'

test('a mosaic planned in parts keeps the distance across their borders, and is nearly as close to its target', async () => {
  const tiles = tileSet(300, { side: 4 })
  const target = await picture(120, 100).png().toBuffer()
  const options = { cell: 4, scale: 2, distance: 4 }
  const whole = await planMosaic({ target, tiles, options })
  const memory = 10 * 60 * 600
  const parts = await planMosaic({ target, tiles, options, memory, threads: 1 })
  expect(violations(parts, tiles)).toEqual([])
  expect(parts.cells).not.toEqual(whole.cells)
  expect(parts.fidelity.k1).toBeLessThan(whole.fidelity.k1 * 1.1)
  const again = await planMosaic({ target, tiles, options, memory, threads: 4 })
  expect(Buffer.compare(encodePlan(parts), encodePlan(again))).toBe(0)
})

test.each([
  ['a library as small as the rule allows', 25],
  ['one a little larger', 27],
])('a mosaic planned in parts keeps the distance with %s', async (_, count) => {
  const tiles = tileSet(count, { side: 4 })
  const target = await picture(60, 50).png().toBuffer()
  const options = { cell: 4, scale: 2, distance: 4 }
  const plan = await planMosaic({ target, tiles, options, memory: 30 * 7 * 600 })
  expect(violations(plan, tiles)).toEqual([])
})

test('every part has the tones and scores of its cells', async () => {
  const tiles = tileSet(300, { side: 32 })
  const target = await picture(60, 50).png().toBuffer()
  const options = { cell: 32, scale: 16, distance: 2, tone: 'full' as const }
  const plan = await planMosaic({ target, tiles, options, memory: 30 * 5 * 400 })
  const plain = await planMosaic({ target, tiles, options: { ...options, tone: 'off' } })
  for (let row = 0; row < 25; row++) {
    const mean = ({ scores }: { scores: Float32Array }) =>
      scores.subarray(row * 30, (row + 1) * 30).reduce((sum, score) => sum + score, 0)
    expect(mean(plan)).toBeLessThan(mean(plain))
  }
})

test('enlarging line by line equals cubic interpolation in both directions', () => {
  const from = { width: 9, height: 7 }
  const pixels = wavyPixels(from.width, from.height)
  const [width, height] = [23, 30]
  const how = enlargement(from, width, height)
  const cubic = (d: number) => {
    const t = Math.abs(d)
    if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1
    return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0
  }
  const at = (x: number, y: number, channel: number) => {
    const u = Math.min(from.width - 1, Math.max(0, x))
    const v = Math.min(from.height - 1, Math.max(0, y))
    return pixels[(v * from.width + u) * 3 + channel]!
  }
  for (const [start, length] of [
    [0, width],
    [5, 9],
    [22, 1],
  ] as const)
    for (let y = 0; y < height; y++) {
      const out = new Uint8Array(length * 3)
      enlargeRun(how, pixels, 0, start, y, length, 255, out, 0)
      for (let i = 0; i < out.length; i++) {
        const u = ((start + Math.floor(i / 3) + 0.5) * from.width) / width - 0.5
        const v = ((y + 0.5) * from.height) / height - 0.5
        let expected = 0
        for (let row = Math.floor(v) - 1; row < Math.floor(v) + 3; row++)
          for (let column = Math.floor(u) - 1; column < Math.floor(u) + 3; column++)
            expected += at(column, row, i % 3) * cubic(u - column) * cubic(v - row)
        expect(Math.abs(out[i]! - Math.min(255, Math.max(0, expected)))).toBeLessThan(0.51)
      }
    }
})

test.each([
  [10_240, 128],
  [65_500, 16],
  [300_000, 16],
])('bands of a picture %i pixels wide have %i lines', (width, lines) => {
  expect(bandHeight(width)).toBe(lines)
})
