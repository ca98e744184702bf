/**
 * Jobs: the types that the API, the workflows and the workers share. Types only.
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

/** A picture that is already in the store (the API puts base64 and uploads there), or one to fetch. */
export type PictureSource = { object: ObjectRef } | { url: string }

/** Changes to single tiles of a finished mosaic. Cells are columns and rows, from 0; tiles are named by ID or source. */
export interface EditedMosaic {
  /** ID of its job. */
  mosaic: string
  edits: MosaicEdits
}

export interface MosaicEdits {
  /** Put this tile into this cell. */
  pin?: { x: number; y: number; tile: string }[]
  /** Use these nowhere. */
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
  /** Height of a cell, if it is not square. */
  cellHeight?: number
  /** Absent: cells edge to edge. */
  layout?: 'grid' | 'hexagons' | 'quadtree'
  /** Of a quadtree: from 0 (the largest cells) to 100 (small cells wherever there is any detail). */
  detail?: number
  /** Where there are cells: where a picture is light, or where the photo itself is not transparent. Absent: everywhere. */
  mask?: PictureSource | 'alpha'
  /** Colour where the mask leaves no cells, `#rrggbb`. Absent: white. */
  background?: string
  /** The mosaic's size relative to the photo's: 10 turns 1024 px into 10,240 px. Absent: depends on the photo's size. */
  scale?: number
  /** Equal tiles are more than this many cells apart, counted like moves of a chess king. 0: no constraint. */
  distance: number
  /** How often a tile may be used. Absent: as often as the distance allows, or once with a global search. */
  most?: number
  /** 1: every tile is used. Absent: 0. */
  least?: number
  /** `global`: the lowest total error with each tile used once, or `most` times. Absent: `local`. */
  search?: 'local' | 'global'
  /** Whether tiles may be mirrored (left to right, or both ways) or used in all eight orientations. Absent: not. */
  flips?: 'off' | 'mirror' | 'both' | 'all'
  /** How far tiles are adjusted to the colours of their cells: bounded keeps each recognisable. Absent: not at all. */
  tone?: 'off' | 'bounded' | 'full'
  /** Percentage of the photo that is blended over the mosaic. Absent: 0. */
  cheat?: number
  /** `virtual`: deep-zoom tiles are rendered on demand. Absent: all in advance. */
  pyramid?: 'stored' | 'virtual'
  /** JPEG quality of the large picture, 1..100. */
  quality: number
}

/** What every job may have. */
export interface JobOrder {
  /** Address that is notified of the job's end. */
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
   * The photos, at most 1,000. A list too large for a payload is kept in the store, as JSON, with the job's staged work. A short
   * one is given here and needs no cleaning up: one step less for each guest of a wall.
   */
  sources: ObjectRef | TileSource[]
  /** How many there are. */
  count: number
  /** A moderator has seen them. */
  approved?: boolean
}

/** Removes the tiles of one person from a library. Also a `tiles` job, since it changes a library. */
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
  /** Pictures in one step, and steps in one history. */
  batchSize?: number
  partSize?: number
}

export interface ItemCounts {
  succeeded: number
  failed: number
}

export interface TileSource {
  source: PictureSource
  /** How a person recognises it: file name or address. */
  name: string
  author?: { name?: string; handle?: string; url?: string }
}

export interface Progress {
  /** A step's name: `download`, `tile-match`, `compose`, `thumbnail`, `upload`, `cache`, `tweet`, `resize`, `index-tiles`,
   * `bulk-plan`, `bulk-resize`, `bulk-gather`. */
  stage: string
  done: number
  total: number
  /** Progress of a step that runs many times: pictures, whichever batch they are in. */
  items?: { done: number; total: number }
}

/** What a finished workflow returns. Keys, never pixels: the API turns them into links. */
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
  /** How it uses its library. Absent in older ones. */
  usage?: TileUsage
  publication?: Publication
}

export interface MosaicCells {
  columns: number
  rows: number
  /** Number of cells, if they differ in size or some are missing: columns and rows then count cells of the smallest size. */
  count?: number
}

/** Whether the post that asked for the mosaic got its reply. */
export interface Publication {
  /** `unknown`: it may or may not have been posted, and a person has to decide. */
  status: 'published' | 'gallery_only' | 'unknown'
  url?: string
  reason?: string
}

/** Replies to a finished mosaic's post, because a person decided so. */
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
  /** SSIM of both where a cell is 4 x 4 pixels, at most 1: higher is closer. Absent in older ones. */
  ssim?: number
}

/** How a mosaic uses its library. */
export interface TileUsage {
  /** Different photos. */
  tiles: number
  /** How many of them are used `from` to `to` times. */
  histogram: { from: number; to: number; tiles: number }[]
  /** Cells whose photo an earlier cell already shows. */
  repeats: number
  /** Distance in cells from a photo to its nearest repetition, like moves of a chess king; absent if there is none. */
  nearest?: number
}

export interface ResizeResult extends ResizedObject {
  /** Of several outputs; the first one is also the result itself. */
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
  /** Held until a moderator has decided. Absent: none. */
  held?: number
  /** The first 100 that were skipped. */
  skipped: { name: string; code: string; message: string }[]
  /** How many pictures the library now holds. */
  size: number
  /** For a job that removes a person: tiles that were removed, and mosaics that were rendered again without them. */
  removed?: number
  remade?: number
}
