/** What runs on threads: a door per kind of work. Tasks and results are plain data, arrays mostly shared memory. */
export { assignTiles, auctionTiles } from './assignment.ts'
export { chooseTones } from './choose-tones.ts'
export { comparePixels, comparePlan } from './fidelity.ts'
export { improveRows } from './improvement.ts'
export { indexTiles } from './matching-vectors.ts'
export { nearestTiles } from './nearest.ts'
export { renderRegion, shrinkTiles } from './render.ts'
export { describeTarget } from './target.ts'
