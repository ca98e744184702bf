import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { green, pixelAt, quarters, red } from './fingerprint.ts'

const shape = { format: 'png', fit: 'cover', width: 20, height: 20 } as const

test.each([
  [{ gravity: 'west' }, 20],
  [{ gravity: 'west', offset: { x: 10 } }, 10],
  [{ gravity: 'west', offset: { x: 0.25 } }, 10],
  [{ gravity: 'east', offset: { x: 5 } }, 5],
  [{ offset: { x: -5 } }, 15],
  [{ offset: { x: 1000 } }, 0],
] as const)('%j leaves so much of the left half', async (where, reds) => {
  const { bytes } = await resizePicture(await quarters(80, 40), { ...shape, ...where })
  const row = await Promise.all(Array.from({ length: 20 }, (_, x) => pixelAt(bytes, x, 2)))
  // Where two colours meet they are mixed.
  expect(row.filter((_, x) => Math.abs(x - reds) > 2)).toEqual([
    ...Array(Math.max(0, reds - 2)).fill(red),
    ...Array(Math.max(0, 20 - reds - 3)).fill(green),
  ])
})
