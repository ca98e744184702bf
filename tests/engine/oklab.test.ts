import { expect, test } from 'vitest'
import { averageAreas, describeCells } from '../../engine/features.ts'
import { linearFromOklab, linearFromSrgb, oklabFromLinear, srgbFromLinear } from '../../engine/oklab.ts'

test('agrees with the published OKLab of sRGB red', () => {
  const out = new Float32Array(3)
  oklabFromLinear(1, 0, 0, out, 0)
  expect([...out]).toEqual([
    expect.closeTo(0.62796, 4),
    expect.closeTo(0.22486, 4),
    expect.closeTo(0.12585, 4),
  ])
})

test('every grey and channel value survives the conversion to OKLab and back', () => {
  const lab = new Float32Array(3)
  for (let value = 0; value < 256; value++) {
    expect(srgbFromLinear(linearFromSrgb[value]!)).toBe(value)
    oklabFromLinear(linearFromSrgb[value]!, linearFromSrgb[255 - value]!, linearFromSrgb[77]!, lab, 0)
    const [r, g, b] = linearFromOklab(lab[0]!, lab[1]!, lab[2]!)
    expect([r, g, b].map(srgbFromLinear)).toEqual([value, 255 - value, 77])
  }
})

test('averages linear light: black beside white is brighter than 128', () => {
  const [light] = averageAreas(Uint8Array.of(0, 0, 0, 255, 255, 255), 2, 1, 1, 1)
  expect(light).toBeCloseTo(0.5, 6)
  expect(srgbFromLinear(light!)).toBe(188)
})

test('splits pixels between areas by their share', () => {
  const white = [255, 255, 255]
  const black = [0, 0, 0]
  const areas = averageAreas(Uint8Array.from([white, black, black].flat()), 3, 1, 2, 1)
  expect(areas[0]).toBeCloseTo(2 / 3, 6)
  expect(areas[3]).toBeCloseTo(0, 6)
})

test('describes each cell of a grid as it would alone', () => {
  const side = 8
  const rgb = Uint8Array.from({ length: side * 3 * side * 2 * 3 }, (_, i) => (i * 7919) % 256)
  const all = describeCells(rgb, side * 3, side * 2, 3, 2)
  const alone = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++)
    alone.set(rgb.subarray(((side + y) * side * 3 + side * 2) * 3).subarray(0, side * 3), y * side * 3)
  expect([...all.subarray(5 * 48)]).toEqual([...describeCells(alone, side, side, 1, 1)])
})
