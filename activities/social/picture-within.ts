import { makeThumbnail } from '../../engine/index.ts'

/** Pixels across, and JPEG quality: each is tried when the one before it is too heavy. */
const smaller = [
  { width: 1600, quality: 75 },
  { width: 1200, quality: 75 },
  { width: 900, quality: 70 },
  { width: 600, quality: 70 },
]

/** A picture that a network takes: as it is, or made smaller until it weighs at most so many bytes. */
export async function pictureWithin(picture: Uint8Array, limit = Infinity): Promise<Uint8Array> {
  for (const { width, quality } of smaller) {
    if (picture.byteLength <= limit) return picture
    picture = (await makeThumbnail(picture, { width, quality })).bytes
  }
  return picture
}
