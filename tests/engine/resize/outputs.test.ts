import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resizePicture, resizePictures } from '../../../engine/index.ts'
import { picture } from '../pictures.ts'
import { difference, pixelAt } from './fingerprint.ts'

const original = picture(400, 300).jpeg({ quality: 95 }).toBuffer()

test('makes several sizes and formats of one picture', async () => {
  const made = await resizePictures(await original, {
    ...{ width: 999, height: 999, fit: 'cover', format: 'webp' },
    outputs: [
      { name: 'small', width: 100 },
      { name: 'large', width: 300 },
      { name: 'square', width: 80, height: 80 },
      { name: 'old', width: 100, format: 'jpeg', quality: 50 },
    ],
  })
  expect(made.map(({ name, width, height, format }) => [name, width, height, format])).toEqual([
    ['small', 100, 75, 'webp'],
    ['large', 300, 225, 'webp'],
    ['square', 80, 80, 'webp'],
    ['old', 100, 75, 'jpeg'],
  ])
  for (const { bytes, width, height, format } of made) {
    const alone = await resizePicture(await original, { width, height, fit: 'cover', format })
    expect(await difference(bytes, alone.bytes)).toBeLessThan(4)
    expect((await sharp(bytes).metadata()).format).toBe(format)
  }
})

test('options outside of outputs apply to all of them', async () => {
  const outputs = [
    { name: 'a', width: 40 },
    { name: 'b', width: 20 },
  ]
  const made = await resizePictures(await original, { outputs, grayscale: true, rotate: 90, format: 'png' })
  for (const { bytes, width, height } of made) {
    expect(height).toBeGreaterThan(width)
    const [red, green, blue] = await pixelAt(bytes, 5, 5)
    expect([green, blue]).toEqual([red, red])
  }
})

test.each([
  [
    [
      { name: 'a', width: 5 },
      { name: 'a', width: 6 },
    ],
    'different names',
  ],
  [[{ name: '../x', width: 5 }], 'lower-case'],
  [[], 'outputs'],
])('refuses the outputs %j', async (outputs, word) => {
  await expect(resizePictures(await original, { outputs })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining(word),
  })
})
