/**
 * `cheat`, as in metapixel: the target overlaid on the finished mosaic with some opacity, blended in sRGB
 * like metapixel. This resemblance does not come from the tiles.
 */
import { averageAreas } from './features.ts'
import { linearFromOklab, linearFromSrgb, oklabFromLinear, srgbFromLinear } from './oklab.ts'
import type { Pixels } from './pixels.ts'
import type { Region } from './region.ts'

export interface Overlay {
  /** The target, and repeatedly halved, down to a few pixels. */
  levels: Pixels[]
  /** Size of the mosaic, pixels. */
  width: number
  height: number
  /** Opacity, 0..1. */
  part: number
}

/** @param percent opacity, 0..100 */
export function overlayOf(target: Pixels, width: number, height: number, percent: number): Overlay {
  const levels = [target]
  for (let { width: w, height: h } = target; w > 8 && h > 8; ) {
    w >>= 1
    h >>= 1
    const light = averageAreas(target.rgb, target.width, target.height, w, h)
    const rgb = new Uint8Array(new SharedArrayBuffer(light.length))
    for (let i = 0; i < light.length; i++) rgb[i] = srgbFromLinear(light[i]!)
    levels.push({ rgb, width: w, height: h })
  }
  return { levels, width, height, part: percent / 100 }
}

/** Blends the target over a rendered region, in place, enlarged by linear interpolation. */
export function layOver(overlay: Overlay, region: Region, out: Uint8Array): void {
  const { levels, part } = overlay
  const factor = 2 ** region.halvings
  /* The smallest level no smaller than the region, so that no pixels of the target are skipped. */
  const ratio = (levels[0]!.width * factor) / overlay.width
  const { rgb, width, height } =
    levels[Math.min(levels.length - 1, Math.max(0, Math.floor(Math.log2(ratio))))]!
  const place = (index: number, of: number, size: number) => {
    const at = Math.min(size - 1, Math.max(0, (((index + 0.5) * factor) / of) * size - 0.5))
    const first = Math.min(size - 2, Math.floor(at))
    return size === 1 ? { first: 0, next: 0, share: 0 } : { first, next: first + 1, share: at - first }
  }
  const columns = Array.from({ length: region.width }, (_, x) => place(region.left + x, overlay.width, width))
  for (let y = 0, to = 0; y < region.height; y++) {
    const row = place(region.top + y, overlay.height, height)
    for (const column of columns) {
      const a = (row.first * width + column.first) * 3
      const b = (row.first * width + column.next) * 3
      const c = (row.next * width + column.first) * 3
      const d = (row.next * width + column.next) * 3
      for (let channel = 0; channel < 3; channel++, to++) {
        const above = rgb[a + channel]! + (rgb[b + channel]! - rgb[a + channel]!) * column.share
        const below = rgb[c + channel]! + (rgb[d + channel]! - rgb[c + channel]!) * column.share
        const over = above + (below - above) * row.share
        out[to] = out[to]! + (over - out[to]!) * part + 0.5
      }
    }
  }
}

/** Descriptions of tiles with the overlay, one for each cell. */
export function overlaid(
  cells: Float32Array,
  { tiles, chosen }: { tiles: Float32Array; chosen: Uint32Array },
  percent: number,
): { tiles: Float32Array; chosen: Uint32Array } {
  const out = new Float32Array(new SharedArrayBuffer(cells.length * 4))
  const length = cells.length / chosen.length
  const part = percent / 100
  for (let at = 0; at < cells.length; at += 3) {
    const cell = Math.floor(at / length)
    const from = chosen[cell]! * length + (at - cell * length)
    const tile = linearFromOklab(tiles[from]!, tiles[from + 1]!, tiles[from + 2]!)
    const target = linearFromOklab(cells[at]!, cells[at + 1]!, cells[at + 2]!)
    const mixed = tile.map((value, channel) => {
      const own = srgbFromLinear(value)
      return linearFromSrgb[Math.round(own + (srgbFromLinear(target[channel]!) - own) * part)]!
    })
    oklabFromLinear(mixed[0]!, mixed[1]!, mixed[2]!, out, at)
  }
  return { tiles: out, chosen: Uint32Array.from(chosen.keys()) }
}
