/** Restricts a mosaic's cells by a picture. */
import { cellHeight, type Grid, mosaicSize } from './grid.ts'
import { hexagonPlace } from './hexagons.ts'
import { asPictureError, openPicture, type PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'

/** A picture file, or `alpha`, the transparency of the target itself. */
export type Mask = Uint8Array | 'alpha'

/**
 * Masks are shrunk to this side in pixels: there are at most a million cells, and 50 megapixels would take
 * 200 MB.
 */
const longestSide = 4096
/** Fraction of a cell's area that has to be inside. */
const enough = 0.5

/**
 * For each cell of the grid, in raster order: 1 if it is inside. A mask is stretched to the target's shape.
 * Its transparent parts are outside; if it has none, its dark parts are.
 *
 * @throws PictureError for an unreadable mask; `mask_unusable` when it leaves no cell, or the target has no
 * transparency
 */
export async function insideMask(
  mask: Mask,
  target: Uint8Array,
  grid: Grid,
  limits?: PictureLimits,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const picture = await readMask(mask === 'alpha' ? target : mask, limits)
  if (mask === 'alpha' && !picture.isTransparent)
    throw new PictureError(
      'mask_unusable',
      'Expected a picture with transparent parts to use as its own mask but received an opaque one.',
    )
  const { columns, rows } = grid
  const inside = new Uint8Array(new SharedArrayBuffer(columns * rows))
  const size = mosaicSize(grid)
  const [across, down] = [picture.width / size.width, picture.height / size.height]
  const high = cellHeight(grid)
  let cells = 0
  for (let row = 0, cell = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, cell++) {
      /* Of a hexagon only the middle half, a rectangle: two thirds of its area. */
      const hexagon = grid.layout && hexagonPlace(grid, column, row)
      const box = hexagon
        ? { left: hexagon.left, top: hexagon.top + high / 4, height: high / 2 }
        : { left: column * grid.cell, top: row * high, height: high }
      const part = partInside(picture, {
        left: box.left * across,
        top: box.top * down,
        right: (box.left + grid.cell) * across,
        bottom: (box.top + box.height) * down,
      })
      if (part < enough) continue
      inside[cell] = 1
      cells++
    }
  if (cells > 0) return inside
  throw new PictureError(
    'mask_unusable',
    'Expected a mask with room for at least one cell but received one that is dark or transparent everywhere: choose smaller cells or another mask.',
  )
}

interface MaskPicture {
  /** 1 for a pixel that is inside. */
  pixels: Uint8Array
  width: number
  height: number
  isTransparent: boolean
}

async function readMask(bytes: Uint8Array, limits?: PictureLimits): Promise<MaskPicture> {
  try {
    const { data, info } = await openPicture(bytes, limits, { transparent: true })
      .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height } = info
    const pixels = new Uint8Array(width * height)
    let isTransparent = false
    for (let i = 3; i < data.length && !isTransparent; i += 4) isTransparent = data[i]! < 255
    for (let pixel = 0, i = 0; pixel < pixels.length; pixel++, i += 4) {
      const shown = isTransparent
        ? data[i + 3]!
        : /* Luma, Rec. 709. */
          0.2126 * data[i]! + 0.7152 * data[i + 1]! + 0.0722 * data[i + 2]!
      pixels[pixel] = shown >= 128 ? 1 : 0
    }
    return { pixels, width, height, isTransparent }
  } catch (error) {
    throw asPictureError(error)
  }
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/**
 * Fraction of a box that is inside, 0..1. A box smaller than a pixel takes that pixel's value; beyond the
 * picture is outside.
 */
function partInside({ pixels, width, height }: MaskPicture, box: Box): number {
  let inside = 0
  let whole = 0
  const [left, right] = [Math.max(0, box.left), Math.min(width, box.right)]
  const [top, bottom] = [Math.max(0, box.top), Math.min(height, box.bottom)]
  for (let y = Math.floor(top); y < bottom; y++) {
    const high = Math.min(y + 1, bottom) - Math.max(y, top)
    for (let x = Math.floor(left); x < right; x++) {
      const share = high * (Math.min(x + 1, right) - Math.max(x, left))
      whole += share
      if (pixels[y * width + x] === 1) inside += share
    }
  }
  return whole > 0 ? inside / whole : 0
}
