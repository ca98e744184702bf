/** Formats of the large picture and their size limits. */
export const largeFormats = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const
export type LargeFormat = (typeof largeFormats)[number]

/** JPEG stores a side in 16 bits; libjpeg stops a little below. */
export const longestJpegSide = 65_500

/**
 * Maximum pixels of a side. WebP stores it in 14 bits, libheif's AVIF is limited to 16,384, PNG has 31 bits
 * and TIFF 32.
 */
export const longestSide: Record<LargeFormat, number> = {
  jpeg: longestJpegSide,
  png: 2 ** 31 - 1,
  webp: 16_383,
  avif: 16_384,
  tiff: 2 ** 32 - 1,
}
