/** See `compose-apart.ts`. */
import { readFile } from 'node:fs/promises'
import { composeMosaic } from '../compose-mosaic.ts'
import { decodePlan } from '../plan.ts'
import { tileSize } from '../tile.ts'
import { resizeTiles } from '../tile-pixels.ts'
import type { TileSet } from '../tile-set.ts'
import { answerApart } from './answer-apart.ts'
import type { ComposeTask } from './compose-apart.ts'

answerApart(async ({ plan, tiles, ...how }: ComposeTask, onProgress) =>
  composeMosaic({ ...how, plan: decodePlan(plan), tiles: await tilesInUse(tiles), onProgress }),
)

/** A set of only the plan's tiles: enough for composing, not for matching. */
async function tilesInUse({ path, ids, side, features }: ComposeTask['tiles']): Promise<TileSet> {
  const kept = new Uint8Array(await readFile(path))
  const size = side * side * 3
  const pixelsOf = async (tiles: Iterable<number>, width: number, height: number) => {
    const wanted = [...tiles]
    const own = new Uint8Array(wanted.length * size)
    wanted.forEach((tile, i) => {
      own.set(kept.subarray(tile * size, (tile + 1) * size), i * size)
    })
    if (width === side && height === side) return own
    // Only tiles at their full size are resized.
    if (side !== tileSize)
      throw new Error(`expected a request for tiles of ${side} px, got ${width} x ${height}`)
    const out = new Uint8Array(wanted.length * width * height * 3)
    await resizeTiles(own, width, height, out)
    return out
  }
  const shared = new Float32Array(new SharedArrayBuffer(features.byteLength))
  shared.set(features)
  return {
    version: 'in use',
    count: ids.length,
    features: shared,
    groups: new Uint32Array(new SharedArrayBuffer(0)),
    credit: (index) => ({ id: ids[index]!, source: '' }),
    pixels: (width, height) => pixelsOf(ids.keys(), width, height),
    pixelsOf,
  }
}
