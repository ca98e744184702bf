import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters } from './fingerprint.ts'

const shape = { format: 'png', fit: 'cover', width: 20, height: 20 } as const

test.each([
  [{ gravity: 'west' }, 20],
  [{ gravity: 'west', offset: { x: 10 } }, 10],
  [{ gravity: 'west', offset: { x: 0.25 } }, 10],
  [{ gravity: 'east', offset: { x: 5 } }, 5],
  [{ offset: { x: -5 } }, 15],
  [{ offset: { x: 1000 } }, 0],
] as const)('%j keeps %i columns of the left half', async (where, reds) => {
  const { bytes } = await resizePicture(await quarters(80, 40), { ...shape, ...where })
  const row = await Promise.all(Array.from({ length: 20 }, (_, x) => pixelAt(bytes, x, 2)))
  const colours = row.map(([red = 0, green = 0]) => (red > green ? 'red' : 'green'))
  expect(colours).toEqual([...Array(reds).fill('red'), ...Array(20 - reds).fill('green')])
})
