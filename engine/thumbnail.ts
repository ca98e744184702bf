import { asPictureError } from './picture.ts'
import { sharp } from './sharp.ts'

/** A small JPEG, at most `width` pixels wide, of a trusted picture of any size, given as a path or bytes. */
export async function makeThumbnail(
  source: string | Uint8Array,
  { width, quality = 80 }: { width: number; quality?: number },
): Promise<{ bytes: Buffer; width: number; height: number }> {
  try {
    const { data, info } = await sharp(source, { limitInputPixels: false })
      .autoOrient()
      // A photo may be transparent; a mosaic never is.
      .flatten({ background: '#fff' })
      .resize({ width, withoutEnlargement: true })
      .jpeg({ quality })
      .toBuffer({ resolveWithObject: true })
    return { bytes: data, width: info.width, height: info.height }
  } catch (error) {
    throw asPictureError(error)
  }
}
