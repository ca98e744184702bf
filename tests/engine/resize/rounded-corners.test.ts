import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters, red } from './fingerprint.ts'

test('cuts only the corners', async () => {
  const { bytes } = await resizePicture(await quarters(), { width: 80, radius: 10, format: 'png' })
  expect((await pixelAt(bytes, 0, 0))[3]).toBe(0)
  expect((await pixelAt(bytes, 79, 39))[3]).toBe(0)
  expect(await pixelAt(bytes, 10, 0)).toEqual(red)
  expect(await pixelAt(bytes, 5, 5)).toEqual(red)
  const edge = (await pixelAt(bytes, 2, 3))[3]!
  expect(edge).toBeGreaterThan(0)
})

test('radius: max cuts an ellipse; JPEG gets white or the background around it', async () => {
  const shape = { width: 40, height: 40, fit: 'cover', radius: 'max' } as const
  const white = await resizePicture(await quarters(), shape)
  expect((await pixelAt(white.bytes, 1, 1)).every((value) => value > 245)).toBe(true)
  const black = await resizePicture(await quarters(), { ...shape, background: '#000' })
  expect((await pixelAt(black.bytes, 1, 1)).slice(0, 3).every((value) => value < 12)).toBe(true)
})
