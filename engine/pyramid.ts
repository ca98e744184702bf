/** Deep Zoom pyramids (DZI): a picture at every halving down to one pixel, divided into tiles. */

export const pyramidTile = 512
/** Pixels shared by neighbouring tiles on each side, so that no seams show. */
export const pyramidOverlap = 1

export interface PyramidTile {
  /** `<level>/<column>_<row>`, the name within the `_files` folder. */
  name: string
  /** How often the picture is halved at this level. */
  halvings: number
  left: number
  top: number
  width: number
  height: number
}

/** https://learn.microsoft.com/previous-versions/windows/silverlight/dotnet-windows-silverlight/cc645077(v=vs.95) */
export function pyramidDescriptor(width: number, height: number): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="${pyramidOverlap}" ` +
    `TileSize="${pyramidTile}"><Size Width="${width}" Height="${height}"/></Image>\n`
  )
}

/**
 * The level at which one tile holds the whole picture: 257 to 512 px on the longer side, or all of a smaller
 * one.
 */
export const previewLevel = (width: number, height: number): number =>
  Math.min(Math.log2(pyramidTile), Math.ceil(Math.log2(Math.max(width, height))))

/** All tiles of a picture's pyramid, from the level of one pixel up, each level in raster order. */
export function* pyramidTiles(width: number, height: number): Generator<PyramidTile> {
  for (let level = 0; level <= topLevel(width, height); level++)
    for (let row = 0; ; row++) {
      if (!pyramidTileAt(width, height, level, 0, row)) break
      for (let column = 0; ; column++) {
        const tile = pyramidTileAt(width, height, level, column, row)
        if (!tile) break
        yield tile
      }
    }
}

/** The level at which the picture has its full size; at level 0 it has one pixel. */
const topLevel = (width: number, height: number) => Math.ceil(Math.log2(Math.max(width, height)))

/** One tile of a picture's pyramid; undefined if it does not exist. */
export function pyramidTileAt(
  width: number,
  height: number,
  level: number,
  column: number,
  row: number,
): PyramidTile | undefined {
  const halvings = topLevel(width, height) - level
  if (level < 0 || halvings < 0 || column < 0 || row < 0) return undefined
  const across = Math.ceil(width / 2 ** halvings)
  const down = Math.ceil(height / 2 ** halvings)
  if (column * pyramidTile >= across || row * pyramidTile >= down) return undefined
  const x = span(column, across)
  const y = span(row, down)
  return {
    name: `${level}/${column}_${row}`,
    halvings,
    left: x.start,
    top: y.start,
    width: x.length,
    height: y.length,
  }
}

function span(index: number, side: number): { start: number; length: number } {
  const start = Math.max(0, index * pyramidTile - pyramidOverlap)
  return { start, length: Math.min(side, (index + 1) * pyramidTile + pyramidOverlap) - start }
}
