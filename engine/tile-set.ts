/** Tiles that a mosaic can be made of, as the matcher and the composer see them. */

/** Samples along each side of a tile or cell: 4 x 4 OKLab samples describe it. */
export const samplesPerSide = 4
/** L, a, b of 4 x 4 samples. */
export const featureLength = samplesPerSide * samplesPerSide * 3

export interface TileCredit {
  /** SHA-256 of the photo's bytes, hex: the tile's ID. */
  id: string
  /** What a person recognises the photo by: file name or address. */
  source: string
  author?: { name?: string; handle?: string; url?: string }
}

export interface TileSet {
  /** Names exactly these tiles in this order: two sets with equal versions give equal mosaics. */
  readonly version: string
  readonly count: number
  /** OKLab, `count * featureLength`, row by row, channels innermost, over a SharedArrayBuffer. */
  readonly features: Float32Array<SharedArrayBuffer>
  /** Tiles with equal numbers are near-duplicates and count as one in distance rules. */
  readonly groups: Uint32Array<SharedArrayBuffer>
  credit(index: number): TileCredit
  /** sRGB pixels of every tile at this size, `count * width * height * 3` bytes. */
  pixels(width: number, height: number): Promise<Uint8Array>
  /** The same of some tiles only, in the order asked for. A set without it is asked for all. */
  pixelsOf?(tiles: Iterable<number>, width: number, height: number): Promise<Uint8Array>
}

/** sRGB pixels of some tiles, in the order asked for. */
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
