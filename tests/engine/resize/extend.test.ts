import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { pixelAt, quarters, red, yellow } from './fingerprint.ts'

const small = { format: 'png', background: '#fff', withoutEnlargement: true } as const
const white = [255, 255, 255, 255]

test.each([
  [{ fit: 'inside', width: 100, height: 100 }, 100, 100],
  [{ fit: 'inside', width: 40, height: 40 }, 40, 40],
  [{ fit: 'cover', width: 100, height: 20 }, 100, 20],
  [{ fit: 'cover', width: 20, height: 20 }, 20, 20],
  [{ fit: 'inside', width: 100 }, 100, 40],
  [{ fit: 'inside', width: 100, height: 100, extend: { to: 'ratio' } }, 80, 80],
  [{ fit: 'inside', width: 10, height: 30, extend: { to: 'ratio' } }, 10, 30],
  [{ fit: 'inside', width: 100, height: 10, dpr: 2 }, 200, 20],
] as const)('%j extends 80 x 40 to %i x %i', async (options, width, height) => {
  const made = await resizePicture(await quarters(), { ...small, extend: true, ...options })
  expect(made).toMatchObject({ width, height })
})

test.each([
  [true, 10, 5],
  [{ gravity: 'northwest' }, 0, 0],
  [{ gravity: 'southeast' }, 20, 10],
  [{ gravity: 'southeast', offset: { x: 3, y: 4 } }, 17, 6],
  [{ offset: { x: 100, y: -100 } }, 20, 0],
] as const)('extend: %j puts the picture at %i, %i', async (extend, left, top) => {
  const { bytes } = await resizePicture(await quarters(), { ...small, width: 100, height: 50, extend })
  expect(await pixelAt(bytes, left, top)).toEqual(red)
  expect(await pixelAt(bytes, left + 79, top + 39)).toEqual(yellow)
  if (left > 0) expect(await pixelAt(bytes, left - 1, top)).toEqual(white)
  if (top > 0) expect(await pixelAt(bytes, left, top - 1)).toEqual(white)
})

test('extend changes nothing when the picture already has the size asked for', async () => {
  const options = { format: 'png', fit: 'fill', width: 8, height: 4 } as const
  const [plain, extended] = await Promise.all(
    [{}, { extend: true }].map(
      async (more) => await resizePicture(await quarters(), { ...options, ...more }),
    ),
  )
  expect(extended).toMatchObject({ width: 8, height: 4 })
  expect(await pixelAt(extended!.bytes, 0, 0)).toEqual(await pixelAt(plain!.bytes, 0, 0))
})
