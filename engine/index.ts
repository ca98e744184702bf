/**
 * The engine: pixels in, pixels out. A tile set and a target give a plan; a plan gives pictures. It knows
 * nothing of the network, the environment or the service around it.
 */
export { composeApart } from './apart/compose-apart.ts'
export { type CellPlace, type PlanEdits, tileFinder } from './cell-edits.ts'
export { comparePictures } from './compare-pictures.ts'
export { type ComposedMosaic, type ComposeInput, composeMosaic } from './compose-mosaic.ts'
export type { EarlierMosaic, EarlierPyramid } from './earlier-mosaic.ts'
export { type EditedPlan, type EditInput, editPlan } from './edit-plan.ts'
export type { Fidelity } from './fidelity.ts'
export { fittingScale } from './fitting-scale.ts'
export { cellHeight, type Grid, gridFor, mosaicSize, smallestLibrary } from './grid.ts'
export type { LargeFormat } from './large-format.ts'
export type { Mask } from './mask.ts'
export { composedRows, type MosaicSoFar, openMosaicSoFar } from './mosaic-so-far.ts'
export { type MosaicOptions, mosaicOptions, mostUses } from './options.ts'
export {
  asPictureError,
  defaultLimits,
  inspectPicture,
  openPicture,
  type PictureInfo,
  type PictureLimits,
} from './picture.ts'
export { PictureError, type PictureErrorCode } from './picture-error.ts'
export { sniffFormat } from './picture-format.ts'
export { placeholderOf } from './placeholder.ts'
export { cellCount, type Place, placeOf } from './places.ts'
export { decodePlan, encodePlan, type MosaicPlan, type PlannedTile, tilesInUse } from './plan.ts'
export { type PlanInput, planMosaic } from './plan-mosaic.ts'
export { type MosaicPreview, previewCells, previewMosaic } from './preview-mosaic.ts'
export { layOutPrint, type Paper, type PrintSheet, papers } from './print-sheet.ts'
export { type PrintFormat, printWall, type WallPhoto } from './print-wall.ts'
export { previewLevel } from './pyramid.ts'
export { rematchPlan } from './rematch.ts'
export {
  type ResizeContext,
  type ResizedPicture,
  type ResizeOptions,
  resizePicture,
  resizePictures,
  resizeVersion,
} from './resize.ts'
export { type RunnersUpInput, type RunnerUp, runnersUp } from './runners-up.ts'
export { smallMosaic } from './small-mosaic.ts'
export { closeThreads } from './threads.ts'
export { makeThumbnail } from './thumbnail.ts'
export { readTileFolder, type SkippedFile, type TileFolder } from './tile-folder.ts'
export { tilePicture, tileSheetPicture } from './tile-pictures.ts'
export { featureLength, samplesPerSide, type TileCredit, type TileSet } from './tile-set.ts'
export { type TileUsage, tileUsage } from './tile-usage.ts'
export { openVirtualPyramid, type VirtualPyramid } from './virtual-pyramid.ts'
