/** Photos for tests: the starter library's pictures, as files that a camera might have written. */
import sharp from 'sharp'
import type { PhotoOffer } from '../../activities/tile-library/index.ts'
import { drawStarterPicture } from '../../engine/starter/draw-tile.ts'

const drawn = new Map<string, Promise<Uint8Array>>()

/** Photo `n` as a JPEG of 120x90. Each looks different from all others. Drawn once per process. */
export async function photo(n: number, { width = 120, height = 90, quality = 90 } = {}): Promise<Uint8Array> {
  const name = `${n} ${width}x${height} ${quality}`
  const found = drawn.get(name) ?? draw(n, width, height, quality)
  drawn.set(name, found)
  // A copy, so that a test that damages it affects no other.
  return Buffer.from(await found)
}

async function draw(n: number, width: number, height: number, quality: number): Promise<Uint8Array> {
  const raw = { width: 64, height: 64, channels: 3 } as const
  return await sharp(drawStarterPicture(n).pixels, { raw })
    .resize(width, height, { fit: 'fill' })
    .jpeg({ quality })
    .toBuffer()
}

export async function* photos(numbers: Iterable<number>): AsyncGenerator<PhotoOffer> {
  for (const n of numbers) yield { name: `photo ${n}.jpg`, bytes: await photo(n) }
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)
