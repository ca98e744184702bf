import { expect, test } from 'vitest'
import { resizePicture, resizePictures } from '../../../engine/index.ts'
import { blue, green, pixelAt, quarters, red, yellow } from './fingerprint.ts'

const png = { format: 'png' } as const

test.each([
  [{ width: 40, height: 20, gravity: 'northwest' }, 40, 20, red],
  [{ width: 40, height: 20, gravity: 'northeast' }, 40, 20, green],
  [{ width: 0.5, height: 0.5, gravity: 'southwest' }, 40, 20, blue],
  [{ width: 0.5, height: 10, gravity: 'southeast' }, 40, 10, yellow],
  [{ width: 10, height: 10, gravity: 'northwest', offset: { x: 45, y: 0 } }, 10, 10, green],
  [{ width: 10, height: 10, gravity: 'southeast', offset: { x: 45, y: 0.6 } }, 10, 10, red],
  [{ width: 10, height: 10, focus: { x: 0.25, y: 0.75 } }, 10, 10, blue],
  [{ width: 0.25, gravity: 'west' }, 20, 40, red],
  [{ height: 1e6 }, 80, 40, red],
] as const)(
  'crop: %j cuts that part, which keeps its size unless one is asked for',
  async (crop, width, height, colour) => {
    const { bytes, ...made } = await resizePicture(await quarters(), { ...png, crop })
    expect(made).toMatchObject({ width, height })
    expect(await pixelAt(bytes, 0, 0)).toEqual(colour)
  },
)

test('crops the middle by default', async () => {
  const { bytes } = await resizePicture(await quarters(), { ...png, crop: { width: 10, height: 10 } })
  expect(await pixelAt(bytes, 0, 0)).toEqual(red)
  expect(await pixelAt(bytes, 9, 9)).toEqual(yellow)
})

test('fit and focus apply to the cropped part', async () => {
  const crop = { width: 0.5, gravity: 'east' } as const
  const { bytes, ...made } = await resizePicture(await quarters(), { ...png, crop, width: 20 })
  expect(made).toMatchObject({ width: 20, height: 20 })
  expect(await pixelAt(bytes, 2, 2)).toEqual(green)
  const focused = { ...png, crop, width: 10, height: 5, fit: 'cover', focus: { x: 0.5, y: 1 } } as const
  const lower = await resizePicture(await quarters(), focused)
  expect(lower).toMatchObject({ width: 10, height: 5 })
  expect(await pixelAt(lower.bytes, 5, 2)).toEqual(yellow)
})

test('crop comes after rotation and trim', async () => {
  const crop = { width: 20, height: 40, gravity: 'northwest' } as const
  const { bytes, ...made } = await resizePicture(await quarters(), { ...png, rotate: 90, crop })
  expect(made).toMatchObject({ width: 20, height: 40 })
  expect(await pixelAt(bytes, 2, 2)).toEqual(blue)
})

test('crop applies to all outputs, each with its own size', async () => {
  const crop = { width: 0.5, height: 0.5, gravity: 'southeast' } as const
  const outputs = [
    { name: 'a', width: 20 },
    { name: 'b', width: 10 },
  ]
  const made = await resizePictures(await quarters(), { ...png, crop, outputs })
  expect(made.map(({ width, height }) => [width, height])).toEqual([
    [20, 10],
    [10, 5],
  ])
  for (const { bytes } of made) for (const at of [0, 4]) expect(await pixelAt(bytes, at, at)).toEqual(yellow)
})

test.each([[{}], [{ width: 0 }], [{ width: -1 }], [{ width: 9, gravity: 'attention' as 'north' }]])(
  'refuses %j',
  async (crop) => {
    await expect(resizePicture(await quarters(), { ...png, crop })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('crop'),
    })
  },
)
