/**
 * What runs on threads beside painting (`encode-band.ts`). Tasks and results are plain data, arrays mostly shared memory. A thread
 * starts as fast as this loads: nothing here may import sharp, zod or what starts threads itself.
 */

export { assignPlaces } from './assign-places.ts'
export { assignByPattern, assignInOrder, auctionTiles } from './assignment.ts'
export { chooseTones } from './choose-tones.ts'
export { measureDistances } from './distance-table.ts'
export { useEveryTile } from './every-tile.ts'
export { describeCuts } from './features.ts'
export { comparePixels, comparePlan } from './fidelity.ts'
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

/** Nothing: for whoever wants all of this loaded. */
export function ready(): void {}
