import { makeThumbnail } from '../../engine/index.ts'

/** Width in pixels and JPEG quality, tried in turn while the picture is too large. */
const smaller = [
  { width: 1600, quality: 75 },
  { width: 1200, quality: 75 },
  { width: 900, quality: 70 },
  { width: 600, quality: 70 },
]

/** Returns the picture as it is, or scaled down until it has at most `limit` bytes. */
export async function pictureWithin(picture: Uint8Array, limit = Infinity): Promise<Uint8Array> {
  for (const { width, quality } of smaller) {
    if (picture.byteLength <= limit) return picture
    picture = (await makeThumbnail(picture, { width, quality })).bytes
  }
  return picture
}
