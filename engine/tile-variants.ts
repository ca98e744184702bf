import { cellHeight, type Grid } from './grid.ts'
import type { Ways } from './matching-vectors.ts'
import type { MosaicOptions } from './options.ts'
import { type Orientation, orient, orientationsOf } from './orientation.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { tileSize } from './tile.ts'
import { keptSize } from './tile-pixels.ts'
import { featureLength, pixelsOfTiles, samplesPerSide, type TileSet } from './tile-set.ts'

/** What the matcher chooses from: tile `i` is photo `tileOf(i)` in `orientationOf(i)`. */
export interface TileVariants {
  features: Float32Array<SharedArrayBuffer>
  groups: Uint32Array<SharedArrayBuffer>
  /** So many, one after the other, are one tile turned: the search needs the first of them only. */
  ways: Ways
  tileOf(variant: number): number
  orientationOf(variant: number): Orientation
  /** The number of a photo in an orientation; as it is, when the option does not have that one. */
  variantOf(tile: number, orientation: Orientation): number
}

/**
 * @param shape of a cell: tiles are described by the part of them that is seen there. Their squares' descriptions serve where
 * cells are squares; otherwise pixels are looked at.
 */
export async function tileVariants(
  tiles: TileSet,
  flips: MosaicOptions['flips'],
  shape: Pick<Grid, 'cell' | 'cellHeight'>,
  run: RunOptions,
): Promise<TileVariants> {
  const orientations = orientationsOf[flips]
  const each = orientations.length as Ways
  const tileOf = (variant: number) => Math.floor(variant / each)
  const orientationOf = (variant: number) => orientations[variant % each]!
  const variantOf = (tile: number, orientation: Orientation) =>
    tile * each + Math.max(0, orientations.indexOf(orientation))
  const numbering = { tileOf, orientationOf, variantOf }
  const isSquare = cellHeight(shape) === shape.cell
  const cut = isSquare
    ? { upright: tiles.features, lying: tiles.features }
    : await describeCuts(tiles, shape, run)
  if (each === 1) return { features: cut.upright, groups: tiles.groups, ways: 1, ...numbering }
  const features = new Float32Array(new SharedArrayBuffer(tiles.features.byteLength * each))
  const groups = new Uint32Array(new SharedArrayBuffer(tiles.groups.byteLength * each))
  for (let variant = 0; variant < groups.length; variant++) {
    const tile = tileOf(variant)
    groups[variant] = tiles.groups[tile]!
    const orientation = orientationOf(variant)
    /* What is transposed shows what a lying cell would, before. */
    const from = orientation & 4 ? cut.lying : cut.upright
    const own = from.subarray(tile * featureLength, (tile + 1) * featureLength)
    orient(own, samplesPerSide, orientation, features, variant * featureLength)
  }
  /* A lying cell shows another part of a tile: no other way to turn the same. */
  const ways = isSquare || each < 4 ? each : 4
  return { features, groups, ways, ...numbering }
}

/** Tiles whose pixels are looked at at a time: 100 MB. */
const tilesAtOnce = 8192

/** Descriptions of the middle of each tile in the shape of a cell, and in that of a cell on its side. */
async function describeCuts(
  tiles: TileSet,
  shape: Pick<Grid, 'cell' | 'cellHeight'>,
  run: RunOptions,
): Promise<{ upright: TileSet['features']; lying: TileSet['features'] }> {
  const upright = new Float32Array(new SharedArrayBuffer(tiles.features.byteLength))
  const lying = new Float32Array(new SharedArrayBuffer(tiles.features.byteLength))
  for (let from = 0; from < tiles.count; from += tilesAtOnce) {
    const places = Array.from({ length: Math.min(tilesAtOnce, tiles.count - from) }, (_, i) => from + i)
    const pixels = await pixelsOfTiles(tiles, places, tileSize, tileSize)
    const size = keptSize(shape.cell, cellHeight(shape))
    const [one, other] = await runOnThreads(
      'describeCuts',
      [
        { pixels, side: tileSize, ...size },
        { pixels, side: tileSize, width: size.height, height: size.width },
      ],
      run,
    )
    upright.set(one!, from * featureLength)
    lying.set(other!, from * featureLength)
  }
  return { upright, lying }
}
