import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { quarters } from './fingerprint.ts'

test.each([
  [1, 20, 10],
  [2, 40, 20],
  [1.5, 30, 15],
  [0.5, 10, 5],
])('with a dpr of %d, a width of 20 gives %i x %i pixels', async (dpr, width, height) => {
  expect(await resizePicture(await quarters(), { width: 20, dpr })).toMatchObject({ width, height })
})

test('dpr counts towards the largest output size', async () => {
  const refused = resizePicture(await quarters(), { width: 4000, dpr: 8 })
  await expect(refused).rejects.toMatchObject({ code: 'output_too_large' })
})
