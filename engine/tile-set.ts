/** The tiles available for a mosaic, as seen by the matcher and the composer. */

/** Samples along each side: tiles and cells are described by 4 x 4 OKLab samples. */
export const samplesPerSide = 4
/** L, a, b of 4 x 4 samples. */
export const featureLength = samplesPerSide * samplesPerSide * 3

export interface TileCredit {
  /** The tile's ID: SHA-256 of the photo's bytes, hex. */
  id: string
  /** How people recognise the photo: file name or URL. */
  source: string
  author?: { name?: string; handle?: string; url?: string }
}

export interface TileSet {
  /** Identifies exactly these tiles in this order: sets with equal versions give equal mosaics. */
  readonly version: string
  readonly count: number
  /**
   * OKLab, `count * featureLength`, samples in raster order, channels innermost, over a SharedArrayBuffer.
   */
  readonly features: Float32Array<SharedArrayBuffer>
  /** Tiles with equal numbers are near-duplicates and count as one in the distance rule. */
  readonly groups: Uint32Array<SharedArrayBuffer>
  credit(index: number): TileCredit
  /** sRGB pixels of every tile at this size, `count * width * height * 3` bytes. */
  pixels(width: number, height: number): Promise<Uint8Array>
  /** The same for some tiles, in the given order. Optional; without it, all are read. */
  pixelsOf?(tiles: Iterable<number>, width: number, height: number): Promise<Uint8Array>
}

/** sRGB pixels of some tiles, in the given order. */
export async function pixelsOfTiles(
  set: TileSet,
  tiles: readonly number[],
  width: number,
  height: number,
): Promise<Uint8Array> {
  if (set.pixelsOf) return await set.pixelsOf(tiles, width, height)
  const all = await set.pixels(width, height)
  const size = width * height * 3
  /* Shared, so that threads need no copy. */
  const out = new Uint8Array(new SharedArrayBuffer(tiles.length * size))
  tiles.forEach((tile, i) => {
    out.set(all.subarray(tile * size, (tile + 1) * size), i * size)
  })
  return out
}
