/**
 * What a job is: the words that the API, the workflows and the workers share. Types only.
 * The API parses strangers' input into these once; behind it they are trusted.
 */

import type { BulkParams } from '../../activities/bulk-resize.ts'
import type { ResizeParams } from '../../activities/resize.ts'

export type { BulkResult } from '../../activities/bulk-gather.ts'
export type { BulkParams } from '../../activities/bulk-resize.ts'
export type { ResizeParams } from '../../activities/resize.ts'

export type JobType = 'mosaic' | 'resize' | 'tiles' | 'bulk'
export type JobStatus = 'queued' | 'processing' | 'succeeded' | 'failed' | 'canceled'

/** Where an object lies in the object store. Pixels never travel through Temporal: these do. */
export interface ObjectRef {
  bucket: 'in' | 'raw' | 'large' | 'small'
  key: string
}

/** A picture that is in the store already (base64 and uploads are put there by the API), or one to fetch. */
export type PictureSource = { object: ObjectRef } | { url: string }

/** A finished mosaic, some of whose tiles are to be others. Cells are columns and rows, from 0; tiles go by ID or source. */
export interface EditedMosaic {
  /** ID of its job. */
  mosaic: string
  edits: MosaicEdits
}

export interface MosaicEdits {
  /** This tile in this cell. */
  pin?: { x: number; y: number; tile: string }[]
  /** These nowhere. */
  ban?: string[]
  /** The tiles of two cells change places. */
  swap?: [CellPlace, CellPlace][]
  /** Another tile in this cell, which stays allowed everywhere else. */
  replace?: CellPlace[]
}

export interface CellPlace {
  x: number
  y: number
}

/** The post that asked for a mosaic; absent when the request came over HTTP. */
export interface PostRef {
  network: string
  id: string
  url: string
  handle: string
  author: string
  /** Whether it mentions or quotes the own account, so that networks' rules allow an answer. */
  summonsUs?: boolean
}

export interface MosaicParams {
  /** Name of the tile library. */
  library: string
  /** Width and height of a cell in the mosaic, pixels. */
  cell: number
  /** Height of a cell, where it is not as high as wide. */
  cellHeight?: number
  /** Absent: cells edge to edge. */
  layout?: 'grid' | 'hexagons' | 'quadtree'
  /** Of a quadtree: 0, cells as large as they get, to 100, as small as there is anything to see in them. */
  detail?: number
  /** Where there are cells: where a picture is light, or the photo itself not transparent. Absent: everywhere. */
  mask?: PictureSource | 'alpha'
  /** Where the mask leaves none, `#rrggbb`. Absent: white. */
  background?: string
  /** The mosaic's size over the photo's: 10 turns 1024 px into 10,240 px. Absent: what suits the photo's size. */
  scale?: number
  /** Equal tiles stand more than this many cells apart, counted as a chess king moves. 0: no constraint. */
  distance: number
  /** How often a tile may be used. Absent: as often as the distance allows, or once with a global search. */
  most?: number
  /** 1: no tile is left out. Absent: 0. */
  least?: number
  /** `global`: the least total error with each tile used once, or `most` times. Absent: `local`. */
  search?: 'local' | 'global'
  /** Whether tiles may be shown mirrored, left to right or both ways, or in all eight orientations. Absent: as they are. */
  flips?: 'off' | 'mirror' | 'both' | 'all'
  /** How far tiles take on the colours of their cells: bounded keeps each recognisable. Absent: not at all. */
  tone?: 'off' | 'bounded' | 'full'
  /** Hundredths of the photo that are laid over the mosaic. Absent: none. */
  cheat?: number
  /** `virtual`: deep-zoom tiles are rendered when somebody looks. Absent: all of them beforehand. */
  pyramid?: 'stored' | 'virtual'
  /** JPEG quality of the large picture, 1..100. */
  quality: number
}

/** What every job may bring along. */
export interface JobOrder {
  /** Address that is told of the job's end. */
  webhook?: string
}

export interface MosaicJob extends JobOrder {
  /** The photo, or a mosaic that is to be changed. */
  source: PictureSource | EditedMosaic
  params: MosaicParams
  /** Shown with the mosaic. */
  author?: { name?: string; handle?: string }
  post?: PostRef
  /** A moderator is to see the mosaic before anybody else does. */
  review?: boolean
}

export interface ResizeJob extends JobOrder {
  source: PictureSource
  params: ResizeParams
}

export interface TilesJob extends JobOrder {
  library: string
  /**
   * The photos, at most 1,000. A list that would outgrow a payload lies in the store, as JSON, among the job's own work; a short
   * one is told here, and then there is nothing to keep nor to take away: one step less for each guest of a wall.
   */
  sources: ObjectRef | TileSource[]
  /** How many there are. */
  count: number
  /** A moderator has seen them. */
  approved?: boolean
}

/** Takes the tiles of one person out of a library. A `tiles` job too: it changes a library. */
export interface RemoveAuthorJob extends JobOrder {
  library: string
  /** Handle, without `@`. */
  removeAuthor: string
}

/** Many pictures, resized alike. */
export interface BulkJob extends JobOrder {
  /** A JSON list in the store, everything under a prefix there, or the files of a zip. */
  source: { list: ObjectRef; count: number } | { prefix: ObjectRef } | { zip: ObjectRef }
  params: BulkParams
  /** Pictures of one step, and steps of one history. */
  batchSize?: number
  partSize?: number
}

export interface ItemCounts {
  succeeded: number
  failed: number
}

export interface TileSource {
  source: PictureSource
  /** What a person recognises it by: file name or address. */
  name: string
  author?: { name?: string; handle?: string; url?: string }
}

export interface Progress {
  /** A step's name: `download`, `tile-match`, `compose`, `thumbnail`, `upload`, `cache`, `tweet`, `resize`, `index-tiles`,
   * `bulk-plan`, `bulk-resize`, `bulk-gather`. */
  stage: string
  done: number
  total: number
  /** How far a step is that is made of many: pictures, whichever of its batches they are in. */
  items?: { done: number; total: number }
}

/** What a finished workflow returns. Keys, never pixels: the API makes links of them. */
export interface MosaicResult {
  large: ObjectRef & { width: number; height: number; bytes: number }
  small: ObjectRef & { width: number; height: number; bytes: number }
  /** The photo, at the small one's size. */
  target?: ObjectRef & { width: number; height: number; bytes: number }
  /** Key of the `.dzi` descriptor; its tiles lie beside it under `<name>_files/`. */
  dzi: ObjectRef
  plan: ObjectRef
  fidelity: Fidelity
  cells: MosaicCells
  /** How it makes use of its library. Absent from older ones. */
  usage?: TileUsage
  publication?: Publication
}

export interface MosaicCells {
  columns: number
  rows: number
  /** How many there are, where they differ in size or some are missing: columns and rows then count the smallest. */
  count?: number
}

/** What became of the answer to the post that asked. */
export interface Publication {
  /** `unknown`: it may or may not be out, and a person has to decide. */
  status: 'published' | 'gallery_only' | 'unknown'
  url?: string
  reason?: string
}

/** Answers a finished mosaic's post, because a person decided so. */
export interface PublishJob {
  jobId: string
  post: PostRef
  small: ObjectRef
}

/** Mean OKLab difference between photo and mosaic at k x k samples per cell, times 100. Lower is closer. */
export interface Fidelity {
  k1: number
  k2: number
  k4: number
  /** SSIM of both where a cell is 4 x 4 pixels, at most 1: higher is closer. Absent from older ones. */
  ssim?: number
}

/** How a mosaic makes use of its library. */
export interface TileUsage {
  /** Different photos. */
  tiles: number
  /** How many of them are used `from` to `to` times. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Cells whose photo another cell shows before them. */
  repeats: number
  /** Cells from a photo to its nearest repetition, as a chess king moves; absent when there is none. */
  nearest?: number
}

export interface ResizeResult extends ResizedObject {
  /** Of several, the first of which is also the result itself. */
  outputs?: (ResizedObject & { name: string })[]
}

export interface ResizedObject extends ObjectRef {
  width: number
  height: number
  format: string
  bytes: number
  sha256: string
}

export interface TilesResult {
  library: string
  added: number
  duplicates: number
  /** Held until a moderator has seen them. Absent: none. */
  held?: number
  /** Named and skipped. The first 100 of them. */
  skipped: { name: string; code: string; message: string }[]
  /** How many pictures the library holds now. */
  size: number
  /** Of a job that removes a person: tiles that went, and mosaics that were made again without them. */
  removed?: number
  remade?: number
}
