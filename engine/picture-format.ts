export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff'

/** What magic bytes reveal: a readable format, the name of an unreadable one, or nothing. */
export type Sniffed = { format: PictureFormat } | { unsupported: string } | undefined

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)))

const readable: [format: PictureFormat, test: (bytes: Uint8Array) => boolean][] = [
  ['jpeg', (b) => b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff],
  ['png', (b) => ascii(b, 0, 8) === '\x89PNG\r\n\x1a\n'],
  ['webp', (b) => ascii(b, 0, 4) === 'RIFF' && ascii(b, 8, 12) === 'WEBP'],
  ['gif', (b) => /^GIF8[79]a/.test(ascii(b, 0, 6))],
  ['tiff', (b) => /^(II[*+]\0|MM\0[*+])/.test(ascii(b, 0, 4))],
]

const unreadable: [name: string, test: (bytes: Uint8Array) => boolean][] = [
  ['PDF', (b) => ascii(b, 0, 5) === '%PDF-'],
  ['Photoshop', (b) => ascii(b, 0, 4) === '8BPS'],
  ['JPEG XL', (b) => ascii(b, 0, 2) === '\xff\x0a' || ascii(b, 4, 8) === 'JXL '],
  ['JPEG 2000', (b) => ascii(b, 4, 8) === 'jP  '],
  ['icon', (b) => ascii(b, 0, 4) === '\0\0\x01\0'],
  ['BMP', (b) => ascii(b, 0, 2) === 'BM' && b.length > 26 && ascii(b, 6, 10) === '\0\0\0\0'],
  ['SVG', (b) => /<svg[\s>]/i.test(ascii(b, 0, 1024))],
  ['video', (b) => ascii(b, 4, 8) === 'ftyp' || ascii(b, 0, 4) === '\x1aE\xdf\xa3'],
]

/** Detects a picture's format from its first bytes; its name and declared type may be wrong. */
export function sniffFormat(bytes: Uint8Array): Sniffed {
  const found = readable.find(([, test]) => test(bytes))
  if (found) return { format: found[0] }
  const brands = isoBrands(bytes)
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return { format: 'avif' }
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms])$/.test(brand))) return { unsupported: 'HEIC' }
  if (brands.some((brand) => /^(mif1|msf1)$/.test(brand))) return { unsupported: 'HEIF' }
  const known = unreadable.find(([, test]) => test(bytes))
  return known && { unsupported: known[0] }
}

/** Brands of an ISO base media file (ISO/IEC 14496-12, `ftyp`): the major one, then the compatible ones. */
function isoBrands(bytes: Uint8Array): string[] {
  if (ascii(bytes, 4, 8) !== 'ftyp') return []
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const end = Math.min(length, bytes.length, 128)
  const brands = [ascii(bytes, 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, at + 4))
  return brands
}
