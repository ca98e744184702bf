/** Tile libraries: durable, growing sets of photos in the object store. */
export {
  type AddTilesOptions,
  type AddTilesResult,
  addTiles,
  type PhotoOffer,
  type SkippedPhoto,
} from './add-tiles.ts'
export { checkLibraryName, libraryNamePattern, photoKey } from './layout.ts'
export { readLibrary, removedSince } from './library-state.ts'
export {
  type LibrarySummary,
  type ListedTile,
  listLibraries,
  listTiles,
  listTilesSoFar,
} from './list-libraries.ts'
export { type OpenTileLibraryOptions, openTileLibrary } from './open-tile-library.ts'
export { readTiles } from './read-tiles.ts'
export { type RemoveTilesResult, removeLibrary, removeTiles } from './remove-tiles.ts'
export { ensureStarterLibrary, starterLibrary } from './starter-library.ts'
export { TileLibraryError, type TileLibraryErrorCode } from './tile-library-error.ts'
