import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { blue, green, pixelAt, quarters, yellow } from './fingerprint.ts'

test.each([
  ['horizontal', green],
  ['vertical', blue],
  ['both', yellow],
] as const)('flip: %s puts the opposite corner at the top left', async (flip, colour) => {
  const { bytes } = await resizePicture(await quarters(), { width: 40, flip, format: 'png' })
  expect(await pixelAt(bytes, 2, 2)).toEqual(colour)
})
