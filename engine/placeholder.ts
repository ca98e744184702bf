import { rgbaToThumbHash } from 'thumbhash'
import { asPictureError } from './picture.ts'
import { sharp } from './sharp.ts'

/** ThumbHash accepts at most 100 px a side, and keeps far fewer. */
const widest = 64

/**
 * A ThumbHash: a blurred placeholder in about 25 bytes, base64, shown until the picture arrives.
 * https://evanw.github.io/thumbhash/
 *
 * @throws PictureError
 */
export async function placeholderOf(picture: Uint8Array): Promise<string> {
  try {
    const { data, info } = await sharp(picture)
      .resize(widest, widest, { fit: 'inside' })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64')
  } catch (error) {
    throw asPictureError(error)
  }
}
