import { fallsBetween, sheetsFor, storeLight } from './halved-tiles.ts'
import type { Size } from './levels.ts'
import { linearFromOklab } from './oklab.ts'
import { orient } from './orientation.ts'
import type { PlannedTile } from './plan.ts'
import { shrinkLight } from './shrink.ts'
import type { TileSheet } from './tile-painter.ts'
import { featureLength, samplesPerSide, type TileSet } from './tile-set.ts'
import { coneResponses } from './tone.ts'

/**
 * Tiles of up to 4 px a side, made from their descriptions (the 4 x 4 means used for matching) instead of
 * their pixels. So a mosaic of a million cells can be shown before the first photo has been read.
 *
 * @param wanted positions of the planned tiles in the set
 */
export function describedTiles(
  planned: readonly PlannedTile[],
  wanted: readonly number[],
  { features }: TileSet,
  sizes: readonly Size[],
  toned: boolean,
): TileSheet[] {
  if (sizes.length === 0) return []
  const square = { width: samplesPerSide, height: samplesPerSide }
  const sheets = sheetsFor(planned.length, sizes, toned)
  const shrunk = sizes.map((size) => ({
    falls: fallsBetween(square, size),
    light: new Float32Array(size.width * size.height * 3),
  }))
  const samples = new Float32Array(featureLength)
  const turned = new Float32Array(featureLength)
  planned.forEach(({ orientation = 0 }, tile) => {
    const at = wanted[tile]! * featureLength
    for (let i = 0; i < featureLength; i += 3)
      samples.set(linearFromOklab(features[at + i]!, features[at + i + 1]!, features[at + i + 2]!), i)
    orient(samples, samplesPerSide, orientation, turned, 0)
    shrunk.forEach(({ falls, light }, level) => {
      shrinkLight(turned, samplesPerSide, ...falls, light)
      storeLight(light, sheets[level]!.pixels, tile)
    })
  })
  for (const { pixels, responses } of sheets) if (responses) coneResponses(pixels, responses)
  return sheets
}
