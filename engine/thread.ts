/**
 * All thread tasks except painting (`encode-band.ts`). Tasks and results are plain data, mostly in shared
 * memory. Loading this module determines how fast a thread starts: nothing here may import sharp, zod or
 * anything that starts threads itself.
 */

export { assignPlaces } from './assign-places.ts'
export { assignByPattern, assignInOrder, auctionTiles } from './assignment.ts'
export { chooseTones } from './choose-tones.ts'
export { measureDistances } from './distance-table.ts'
export { useEveryTile } from './every-tile.ts'
export { describeCuts } from './features.ts'
export { comparePixels, compareShown } from './fidelity.ts'
export { fillCells } from './fill-cells.ts'
export { halveTiles } from './halved-tiles.ts'
export { improvePlaces } from './improve-places.ts'
export { improveRows } from './improvement.ts'
export { indexTiles } from './matching-vectors.ts'
export { nearestTiles } from './nearest.ts'
export { assignPlacesByPattern } from './place-pattern.ts'
export { layQuadtree } from './quadtree.ts'
export { rankTiles } from './rank-tiles.ts'
export { describePixels, describeTarget } from './target.ts'

/** Does nothing; loads this module. */
export function ready(): void {}
