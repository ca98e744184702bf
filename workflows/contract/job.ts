/**
 * Jobs: types shared by the API, the workflows and the workers. Types only.
 * The API parses untrusted input into them once; everything behind it trusts them.
 */

import type { BulkParams } from '../../activities/bulk-resize.ts'
import type { ResizeParams } from '../../activities/resize.ts'

export type { BulkResult } from '../../activities/bulk-gather.ts'
export type { BulkParams } from '../../activities/bulk-resize.ts'
export type { ResizeParams } from '../../activities/resize.ts'

export type JobType = 'mosaic' | 'resize' | 'tiles' | 'bulk'
export type JobStatus = 'queued' | 'processing' | 'succeeded' | 'failed' | 'canceled'

/** The place of an object in the store. Pixels never travel through Temporal; these references do. */
export interface ObjectRef {
  bucket: 'in' | 'raw' | 'large' | 'small'
  key: string
}

/** A picture in the store, where the API puts base64 input and uploads, or one to fetch. */
export type PictureSource = { object: ObjectRef } | { url: string }

/** Changes to single tiles of a finished mosaic. Cells are given by column and row, from 0, tiles by ID or source. */
export interface EditedMosaic {
  /** The mosaic's job ID. */
  mosaic: string
  edits: MosaicEdits
}

export interface MosaicEdits {
  /** Put this tile into this cell. */
  pin?: { x: number; y: number; tile: string }[]
  /** Use these tiles nowhere. */
  ban?: string[]
  /** Swap the tiles of two cells. */
  swap?: [CellPlace, CellPlace][]
  /** Use another tile in this cell. The current one stays allowed everywhere else. */
  replace?: CellPlace[]
}

export interface CellPlace {
  x: number
  y: number
}

/** The post that asked for a mosaic; absent if the request came over HTTP. */
export interface PostRef {
  network: string
  id: string
  url: string
  handle: string
  author: string
  /** Whether it mentions or quotes our account, so that the network's rules allow a reply. */
  summonsUs?: boolean
}

export interface MosaicParams {
  /** Name of the tile library. */
  library: string
  /** Width and height of a cell in the mosaic, pixels. */
  cell: number
  /** Height of a cell, if it is not square. */
  cellHeight?: number
  /** Absent: cells edge to edge. */
  layout?: 'grid' | 'hexagons' | 'quadtree'
  /** Of a quadtree: from 0 (the largest cells) to 100 (small cells wherever there is any detail). */
  detail?: number
  /** Where cells go: where this picture is light, or where the photo itself is not transparent. Absent: everywhere. */
  mask?: PictureSource | 'alpha'
  /** Colour where the mask leaves no cells, `#rrggbb`. Absent: white. */
  background?: string
  /** Size of the mosaic relative to the photo: 10 turns 1024 px into 10,240 px. Absent: depends on the photo's size. */
  scale?: number
  /** Equal tiles are more than this many cells apart, counted like moves of a chess king. 0: no constraint. */
  distance: number
  /** How often a tile may be used. Absent: as often as the distance allows, or once with a global search. */
  most?: number
  /** 1: every tile is used. Absent: 0. */
  least?: number
  /** `global`: the lowest total error with each tile used once, or `most` times. Absent: `local`. */
  search?: 'local' | 'global'
  /** Whether tiles may be mirrored (left to right, or both ways) or used in all eight orientations. Absent: off. */
  flips?: 'off' | 'mirror' | 'both' | 'all'
  /** How far tiles are adjusted to the colours of their cells: `bounded` keeps each recognisable. Absent: off. */
  tone?: 'off' | 'bounded' | 'full'
  /** Percentage of the photo blended over the mosaic. Absent: 0. */
  cheat?: number
  /** `virtual`: deep-zoom tiles are rendered on demand. Absent: all are rendered in advance. */
  pyramid?: 'stored' | 'virtual'
  /** JPEG quality of the large picture, 1..100. */
  quality: number
}

/** Options of every job. */
export interface JobOrder {
  /** URL to notify of the job's end. */
  webhook?: string
}

export interface MosaicJob extends JobOrder {
  /** The photo, or a mosaic to change. */
  source: PictureSource | EditedMosaic
  params: MosaicParams
  /** Shown with the mosaic. */
  author?: { name?: string; handle?: string }
  post?: PostRef
  /** A moderator has to approve the mosaic before it is published. */
  review?: boolean
}

export interface ResizeJob extends JobOrder {
  source: PictureSource
  params: ResizeParams
}

export interface TilesJob extends JobOrder {
  library: string
  /**
   * The photos, at most 1,000. A list too large for a payload is in the store as JSON, with the job's staged work. A short one
   * is given inline and leaves nothing to clean up, which saves a step for each photo added to a wall.
   */
  sources: ObjectRef | TileSource[]
  /** How many there are. */
  count: number
  /** A moderator has approved them. */
  approved?: boolean
}

/** Removes the tiles of one person from a library. Also a `tiles` job, since it changes a library. */
export interface RemoveAuthorJob extends JobOrder {
  library: string
  /** Handle, without `@`. */
  removeAuthor: string
}

/** Resizes many pictures with the same parameters. */
export interface BulkJob extends JobOrder {
  /** A JSON list in the store, everything under a prefix there, or the files of a zip. */
  source: { list: ObjectRef; count: number } | { prefix: ObjectRef } | { zip: ObjectRef }
  params: BulkParams
  /** Pictures per step, and steps per history. */
  batchSize?: number
  partSize?: number
}

export interface ItemCounts {
  succeeded: number
  failed: number
}

export interface TileSource {
  source: PictureSource
  /** How a person recognises it: file name or URL. */
  name: string
  author?: { name?: string; handle?: string; url?: string }
}

export interface Progress {
  /** A step's name: `download`, `tile-match`, `compose`, `thumbnail`, `upload`, `cache`, `tweet`, `resize`, `index-tiles`,
   * `bulk-plan`, `bulk-resize`, `bulk-gather`. */
  stage: string
  done: number
  total: number
  /** Progress of a step that runs many times: pictures over all batches. */
  items?: { done: number; total: number }
}

/** What a finished workflow returns: keys, never pixels. The API turns them into links. */
export interface MosaicResult {
  large: ObjectRef & { width: number; height: number; bytes: number }
  small: ObjectRef & { width: number; height: number; bytes: number }
  /** The photo, at the size of the small picture. */
  target?: ObjectRef & { width: number; height: number; bytes: number }
  /** Key of the `.dzi` descriptor; its tiles are next to it under `<name>_files/`. */
  dzi: ObjectRef
  plan: ObjectRef
  fidelity: Fidelity
  cells: MosaicCells
  /** Absent in older mosaics. */
  usage?: TileUsage
  publication?: Publication
}

export interface MosaicCells {
  columns: number
  rows: number
  /** Number of cells, if they differ in size or some are missing. Columns and rows then count cells of the smallest size. */
  count?: number
}

/** Whether the post that asked for the mosaic got its reply. */
export interface Publication {
  /** `unknown`: it may or may not have been posted, and a person has to decide. */
  status: 'published' | 'gallery_only' | 'unknown'
  url?: string
  reason?: string
}

/** Replies to a finished mosaic's post by a person's decision. */
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
  /** SSIM of the two at 4 x 4 pixels per cell, at most 1: higher is closer. Absent in older mosaics. */
  ssim?: number
}

/** How a mosaic uses its library. */
export interface TileUsage {
  /** Distinct photos. */
  tiles: number
  /** How many of them are used `from` to `to` times. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Cells whose photo an earlier cell already shows. */
  repeats: number
  /** Distance in cells from a photo to its nearest repetition, like moves of a chess king; absent if there is none. */
  nearest?: number
}

export interface ResizeResult extends ResizedObject {
  /** If several were requested; the first one is also the result itself. */
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
  /** Held until a moderator decides. Absent: none. */
  held?: number
  /** The first 100 that were skipped. */
  skipped: { name: string; code: string; message: string }[]
  /** Tiles in the library now. */
  size: number
  /** Of a job that removes a person: tiles removed, and mosaics remade without them. */
  removed?: number
  remade?: number
}
