import { cellHeight, type Grid } from './grid.ts'
import type { Ways } from './matching-vectors.ts'
import type { MosaicOptions } from './options.ts'
import { type Orientation, orient, orientationsOf } from './orientation.ts'
import { type RunOptions, runOnThreads } from './threads.ts'
import { tileSize } from './tile.ts'
import { keptSize } from './tile-pixels.ts'
import { featureLength, pixelsOfTiles, samplesPerSide, type TileSet } from './tile-set.ts'

/** The matcher's candidates: variant `i` is photo `tileOf(i)` in `orientationOf(i)`. */
export interface TileVariants {
  features: Float32Array<SharedArrayBuffer>
  groups: Uint32Array<SharedArrayBuffer>
  /** This many consecutive variants are orientations of one tile; the search only needs the first of them. */
  ways: Ways
  tileOf(variant: number): number
  orientationOf(variant: number): Orientation
  /** The variant of a photo in an orientation; upright if the option does not include that orientation. */
  variantOf(tile: number, orientation: Orientation): number
}

/**
 * @param shape of a cell: tiles are described by the part visible in it. For square cells their stored
 * descriptions suffice; otherwise their pixels are read.
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
    /* A transposed tile shows the crop of a cell on its side. */
    const from = orientation & 4 ? cut.lying : cut.upright
    const own = from.subarray(tile * featureLength, (tile + 1) * featureLength)
    orient(own, samplesPerSide, orientation, features, variant * featureLength)
  }
  /*
   * For cells that are not square, that is another crop, so only four orientations are turns of the same
   * description.
   */
  const ways = isSquare || each < 4 ? each : 4
  return { features, groups, ways, ...numbering }
}

/** Tiles whose pixels are read at a time: 100 MB. */
const tilesAtOnce = 8192

/** Descriptions of each tile's centre in the shape of a cell, and in that of a cell on its side. */
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
