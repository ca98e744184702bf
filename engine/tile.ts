import { createHash } from 'node:crypto'
import { describeCells } from './features.ts'
import {
  asPictureError,
  damaged,
  glanceAtPicture,
  isWordless,
  openPicture,
  type PictureLimits,
} from './picture.ts'
import { sharp } from './sharp.ts'
import { fingerprint } from './tile-fingerprint.ts'
import type { TileCredit } from './tile-set.ts'

/** Side of a tile's stored picture, pixels: the largest cell that is drawn without enlargement. */
export const tileSize = 64
/** Bytes of a tile's sRGB pixels. */
export const tileBytes = tileSize * tileSize * 3

/** A photo, cropped to a square and described: everything matching and composing need. */
export interface Tile extends TileCredit {
  /** sRGB, `tileSize * tileSize * 3` bytes. */
  pixels: Uint8Array
  /** OKLab of 4 x 4 areas, `featureLength` floats. */
  features: Float32Array
  /** Of the whole photo, for finding near-duplicates: see {@link fingerprint}. */
  fingerprint: Uint8Array
}

/** Longer panoramas are centre-cropped first, so that no picture takes more than 1 MB. */
const widestAspect = 16

/**
 * Makes a tile of a photo: upright, in sRGB, without transparency, cropped to the most salient square
 * (libvips' attention strategy), 64 px a side.
 *
 * @param photo the file's bytes; their SHA-256 is the tile's ID
 * @throws PictureError
 */
export async function makeTile(
  photo: Uint8Array,
  credit: Omit<TileCredit, 'id'>,
  limits: PictureLimits = {},
): Promise<Tile> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readTile(photo, credit, limits)
    } catch (error) {
      if (!isWordless(error)) throw asPictureError(error)
      // Failed every time without a message, so it is damaged and others failed at the same time.
      if (attempt === readsAtMost) throw damaged(error)
    }
  }
}

const readsAtMost = 3

async function readTile(
  photo: Uint8Array,
  credit: Omit<TileCredit, 'id'>,
  limits: PictureLimits,
): Promise<Tile> {
  const { width, height } = await glanceAtPicture(photo, limits)
  const short = tileSize / Math.min(width, height)
  const longest = tileSize * widestAspect
  const wide = Math.min(longest, Math.round(width * short))
  const high = Math.min(longest, Math.round(height * short))
  const data = await openPicture(photo, limits, { sequential: true })
    .resize(wide, high, { fit: 'cover' })
    .raw()
    .toBuffer()
  const isSquare = wide === tileSize && high === tileSize
  const pixels = isSquare
    ? data
    : await sharp(data, { raw: { width: wide, height: high, channels: 3 } })
        .resize(tileSize, tileSize, { fit: 'cover', position: sharp.strategy.attention })
        .raw()
        .toBuffer()
  return describeTile({ ...credit, id: tileId(photo) }, pixels, fingerprint(data, wide, high))
}

/** A tile from square pixels. */
export function describeTile(
  credit: TileCredit,
  pixels: Uint8Array,
  print: Uint8Array = fingerprint(pixels, tileSize, tileSize),
): Tile {
  const features = Float32Array.from(describeCells(pixels, tileSize, tileSize, 1, 1))
  return { ...credit, pixels, features, fingerprint: print }
}

/** SHA-256 of a photo's bytes, hex. */
export function tileId(photo: Uint8Array): string {
  return createHash('sha256').update(photo).digest('hex')
}
