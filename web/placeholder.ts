/** Placeholders for loading pictures: ThumbHashes decoded on the server, so that they need no script. */
import { rgbaToDataURL, thumbHashToRGBA } from 'thumbhash'

/** Side of the squares averaged into one pixel. The result is at most 8 px a side and 500 bytes of URL; browsers blur it. */
const block = 4

/** A `data:` URL of a tiny PNG; `undefined` for an invalid ThumbHash. */
export function placeholderUrl(thumbhash: string | undefined): string | undefined {
  const hash = Buffer.from(thumbhash ?? '', 'base64')
  // The five-byte header determines the length, which the decoder does not check.
  if (hash.length < 5) return undefined
  const { w, h, rgba } = thumbHashToRGBA(hash)
  const width = Math.max(1, Math.round(w / block))
  const height = Math.max(1, Math.round(h / block))
  const small = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0
        for (let i = 0; i < block * block; i++) {
          const column = Math.min(w - 1, x * block + (i % block))
          const row = Math.min(h - 1, y * block + Math.floor(i / block))
          sum += rgba[(row * w + column) * 4 + channel] ?? 0
        }
        small[(y * width + x) * 4 + channel] = sum / block ** 2
      }
  return rgbaToDataURL(width, height, small)
}
