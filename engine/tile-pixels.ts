import { setImmediate } from 'node:timers/promises'
import { averageAreas } from './features.ts'
import { srgbFromLinear } from './oklab.ts'
import { cutMiddle } from './orientation.ts'
import { sharp } from './sharp.ts'
import { tileBytes, tileSize } from './tile.ts'

/** Yields the thread after this many tiles, about 5 ms of work. */
const tilesPerTurn = 24

/**
 * Converts tiles to a cell's size: centre-cropped to its shape, shrunk by averaging linear light (so that a
 * shrunk tile keeps the mean colours it was matched by), enlarged by cubic interpolation.
 *
 * @param tiles `count * tileBytes`, sRGB
 * @param out destination, `count * width * height * 3`, sRGB
 */
export async function resizeTiles(
  tiles: Uint8Array,
  width: number,
  height: number,
  out: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const scale = Math.min(tileSize / width, tileSize / height)
  const cut = keptSize(width, height)
  if (width === tileSize && height === tileSize) {
    out.set(tiles)
    return
  }
  for (let n = 0; n * tileBytes < tiles.length; n++) {
    const whole = tiles.subarray(n * tileBytes, (n + 1) * tileBytes)
    const isCut = cut.width < tileSize || cut.height < tileSize
    const tile = isCut ? new Uint8Array(cut.width * cut.height * 3) : whole
    if (isCut) cutMiddle(whole, tileSize, cut.width, cut.height, tile, 0)
    const at = n * width * height * 3
    if (scale < 1) {
      const raw = { ...cut, channels: 3 as const }
      out.set(await sharp(tile, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer(), at)
    } else {
      const light = averageAreas(tile, cut.width, cut.height, width, height)
      for (let i = 0; i < light.length; i++) out[at + i] = srgbOf[Math.round(light[i]! * 16383)]!
    }
    if (n % tilesPerTurn === tilesPerTurn - 1) {
      signal?.throwIfAborted()
      await setImmediate()
    }
  }
}

/** The part of a stored tile that has the shape of a cell. */
export function keptSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(tileSize / width, tileSize / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** sRGB by 16,384 steps of linear light: a power for each of 20 million values would take a second. */
const srgbOf = Uint8Array.from({ length: 16384 }, (_, step) => srgbFromLinear(step / 16383))
