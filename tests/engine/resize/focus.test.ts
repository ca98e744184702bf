import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { blue, green, pixelAt, quarters, red, yellow } from './fingerprint.ts'

const shape = { fit: 'cover', format: 'png', width: 10, height: 10 } as const

test.each([
  [{ x: 0, y: 0 }, red],
  [{ x: 1, y: 0.1 }, green],
  [{ x: 0, y: 1 }, blue],
  [{ x: 1, y: 1 }, yellow],
])('the focus %o stays in the picture', async (focus, colour) => {
  const { bytes, width, height } = await resizePicture(await quarters(), { ...shape, focus })
  expect([width, height]).toEqual([10, 10])
  expect(await pixelAt(bytes, focus.x < 0.5 ? 1 : 8, focus.y < 0.5 ? 1 : 8)).toEqual(colour)
})

test('a focus in the middle crops both sides equally', async () => {
  const { bytes } = await resizePicture(await quarters(), { ...shape, focus: { x: 0.5, y: 0.5 } })
  expect(await pixelAt(bytes, 1, 1)).toEqual(red)
  expect(await pixelAt(bytes, 8, 8)).toEqual(yellow)
})

test('with withoutEnlargement the picture is cropped, not enlarged', async () => {
  const options = { ...shape, width: 200, height: 20, withoutEnlargement: true }
  const resized = await resizePicture(await quarters(), { ...options, focus: { x: 0, y: 0 } })
  expect(resized).toMatchObject({ width: 80, height: 20 })
})

test('focus refers to the rotated picture', async () => {
  const { bytes } = await resizePicture(await quarters(), { ...shape, rotate: 90, focus: { x: 0, y: 0 } })
  expect(await pixelAt(bytes, 1, 1)).toEqual(blue)
})
