/** What the large picture can be, and how large that can be. */
export const largeFormats = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
export type LargeFormat = (typeof largeFormats)[number]

/** JPEG stores a side in 16 bits; libjpeg stops a little below. */
export const longestJpegSide = 65_500

/**
 * Pixels that a side can have. WebP stores it in 14 bits; libheif's AVIF
 * ends at 16,384; PNG has 31 bits and TIFF 32.
 */
export const longestSide: Record<LargeFormat, number> = {
  jpeg: longestJpegSide,
  png: 2 ** 31 - 1,
  webp: 16_383,
  avif: 16_384,
  tiff: 2 ** 32 - 1,
}
