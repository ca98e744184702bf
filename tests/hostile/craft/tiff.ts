/** Hand-made TIFF files with arbitrary directories, including arbitrary links to the next one (TIFF 6.0). */

export interface TiffPage {
  width: number
  height: number
  /** Index of the next page; default: the next in the list, or none. */
  next?: number
}

const tags = (width: number, height: number): [tag: number, value: number][] => [
  [256, width],
  [257, height],
  [258, 8],
  [259, 1],
  [262, 1],
  [273, 8],
  [277, 1],
  [278, height],
  [279, 1],
]

/** All pages share one byte of pixels, after the header. */
export function tiff(pages: TiffPage[]): Buffer {
  const size = 2 + 9 * 12 + 4
  const file = Buffer.alloc(16 + pages.length * size)
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(16, 4)
  pages.forEach(({ width, height, next = -1 }, index) => {
    const following = next >= 0 ? next : index + 1 < pages.length ? index + 1 : undefined
    let at = 16 + index * size
    at = file.writeUInt16LE(9, at)
    for (const [tag, value] of tags(width, height)) {
      at = file.writeUInt16LE(tag, at)
      at = file.writeUInt16LE(4, at)
      at = file.writeUInt32LE(1, at)
      at = file.writeUInt32LE(value, at)
    }
    file.writeUInt32LE(following === undefined ? 0 : 16 + following * size, at)
  })
  return file
}
