/** Pictures and tile sets for tests, generated from a seed. */
import sharp, { type Sharp } from 'sharp'
import { describeCells } from '../../engine/features.ts'
import { featureLength, type TileSet } from '../../engine/tile-set.ts'

/** Deterministic numbers 0..1 (mulberry32, public domain, Tommy Ettinger). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Smooth waves in all three channels, with gradients, edges and hues like photos. */
export function wavyPixels(width: number, height: number, seed = 1): Buffer {
  const next = random(seed)
  const waves = Array.from({ length: 9 }, () => [next() * 9 - 4.5, next() * 9 - 4.5, next() * 7] as const)
  // A sine for each column and row, not for each pixel: sin(a + b) = sin a cos b + cos a sin b.
  const across = waves.map(([fx, , phase]) => sines(width, (x) => (x / width) * fx * 3 + phase))
  const down = waves.map(([, fy]) => sines(height, (y) => (y / height) * fy * 3))
  const rgb = Buffer.alloc(width * height * 3)
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0, i = channel; y < height; y++)
      for (let x = 0; x < width; x++, i += 3) {
        let value = 0
        for (let wave = channel * 3; wave < channel * 3 + 3; wave++) {
          const [a, b] = [across[wave]!, down[wave]!]
          value += a.sin[x]! * b.cos[y]! + a.cos[x]! * b.sin[y]!
        }
        rgb[i] = Math.max(0, Math.min(255, 128 + value * 60))
      }
  return rgb
}

function sines(length: number, angle: (i: number) => number) {
  const sin = Float64Array.from({ length }, (_, i) => Math.sin(angle(i)))
  const cos = Float64Array.from({ length }, (_, i) => Math.cos(angle(i)))
  return { sin, cos }
}

export function picture(width: number, height: number, seed = 1): Sharp {
  return sharp(wavyPixels(width, height, seed), { raw: { width, height, channels: 3 } })
}

/** Tiles with a base colour and a gradient. `group` numbers near-duplicates. */
export function tileSet(
  count: number,
  options: { seed?: number; side?: number; group?: (i: number) => number } = {},
): TileSet {
  const { seed = 7, side = 16, group = (i: number) => i } = options
  const next = random(seed)
  const pixels = new Uint8Array(count * side * side * 3)
  for (let tile = 0, i = 0; tile < count; tile++) {
    const base = [next() * 255, next() * 255, next() * 255]
    const slopes = [next() - 0.5, next() - 0.5].map((slope) => slope * 120)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let channel = 0; channel < 3; channel++, i++) {
          const slope = slopes[0]! * (x / side - 0.5) + slopes[1]! * (y / side - 0.5)
          pixels[i] = Math.max(0, Math.min(255, base[channel]! + slope))
        }
  }
  const features = new Float32Array(new SharedArrayBuffer(count * featureLength * 4))
  const groups = new Uint32Array(new SharedArrayBuffer(count * 4))
  for (let tile = 0; tile < count; tile++) {
    const size = side * side * 3
    features.set(
      describeCells(pixels.subarray(tile * size, (tile + 1) * size), side, side, 1, 1),
      tile * featureLength,
    )
    groups[tile] = group(tile)
  }
  return {
    version: `test-${count}-${seed}`,
    count,
    features,
    groups,
    credit: (index) => ({
      id: `tile-${index}`,
      source: `photo ${index}.jpg`,
      author: { name: `名前 ${index}` },
    }),
    pixels: async (width, height) => {
      if (width === side && height === side) return pixels
      const tall = sharp(pixels, { raw: { width: side, height: side * count, channels: 3 } })
      return tall
        .resize(width, height * count, { fit: 'fill', kernel: 'nearest' })
        .raw()
        .toBuffer()
    },
  }
}
