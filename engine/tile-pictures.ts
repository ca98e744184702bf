import { sharp } from './sharp.ts'
import { tileBytes, tileSize } from './tile.ts'

/**
 * One tile as a JPEG of 64 px.
 * @param pixels sRGB, as stored in a library
 */
export const tilePicture = (pixels: Uint8Array): Promise<Buffer> =>
  sharp(pixels, { raw: { width: tileSize, height: tileSize, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()

/**
 * Many tiles in one JPEG, in raster order: one request and one picture to decode instead of hundreds.
 * @param tiles missing ones are grey
 */
export async function tileSheetPicture(
  tiles: readonly (Uint8Array | undefined)[],
  columns: number,
): Promise<Buffer> {
  const width = columns * tileSize
  const height = Math.ceil(tiles.length / columns) * tileSize
  const sheet = Buffer.alloc(width * height * 3, 128)
  const line = tileBytes / tileSize
  for (const [at, tile] of tiles.entries()) {
    if (!tile) continue
    const left = (at % columns) * line
    const top = Math.floor(at / columns) * tileSize
    for (let y = 0; y < tileSize; y++)
      sheet.set(tile.subarray(y * line, (y + 1) * line), (top + y) * width * 3 + left)
  }
  return await sharp(sheet, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85, chromaSubsampling: '4:4:4' })
    .toBuffer()
}
