import { expect, test } from 'vitest'
import { averageAreas } from '../../engine/features.ts'
import { srgbFromLinear } from '../../engine/oklab.ts'
import { addPainted, fallsInto, shrinkLines } from '../../engine/shrink.ts'
import { wavyPixels } from './pictures.ts'

const [width, height] = [41, 29]
const rgb = wavyPixels(width, height, 3)
const shrunk = (
  step: { x: number; y: number },
  part: { left: number; top: number; width: number; height: number },
) => {
  const across = fallsInto(part.left, part.width, step.x, width)
  const down = fallsInto(part.top, part.height, step.y, height)
  const out = new Uint8Array(part.width * part.height * 3)
  const add = addPainted(across, (y, line) => {
    const from = (y * width + across.first) * 3
    line.set(rgb.subarray(from, from + line.length))
  })
  shrinkLines(across, down, out, add)
  return out
}

test.each([
  [41, 29],
  [40, 28],
  [17, 11],
  [5, 1],
  [1, 1],
])('shrinking to %i x %i pixels averages areas', (across, down) => {
  const seen = shrunk(
    { x: across / width, y: down / height },
    { left: 0, top: 0, width: across, height: down },
  )
  const means = averageAreas(rgb, width, height, across, down)
  expect(seen.length).toBe(means.length)
  for (let i = 0; i < means.length; i++)
    expect(Math.abs(seen[i]! - srgbFromLinear(means[i]!))).toBeLessThanOrEqual(1)
})

test('shrinking part of a picture gives that part of the shrunk picture; areas beyond its edge average what is there', () => {
  const step = { x: 0.3, y: 0.45 }
  const [across, down] = [Math.ceil(width * step.x), Math.ceil(height * step.y)]
  const whole = shrunk(step, { left: 0, top: 0, width: across, height: down })
  for (const part of [
    { left: 3, top: 2, width: 4, height: 5 },
    { left: 0, top: 7, width: across, height: 1 },
    { left: across - 1, top: down - 1, width: 1, height: 1 },
  ]) {
    const seen = shrunk(step, part)
    for (let y = 0; y < part.height; y++) {
      const from = ((part.top + y) * across + part.left) * 3
      const line = seen.subarray(y * part.width * 3, (y + 1) * part.width * 3)
      expect([...line]).toEqual([...whole.subarray(from, from + part.width * 3)])
    }
  }
  const flat = rgb.fill(90)
  expect(flat.length).toBe(width * height * 3)
  expect(new Set(shrunk(step, { left: 0, top: 0, width: across, height: down }))).toEqual(new Set([90]))
})
