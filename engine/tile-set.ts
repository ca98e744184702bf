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
}
