import { asPictureError, openPicture, type PictureLimits } from './picture.ts'

export interface Pixels {
  /** sRGB, 3 bytes a pixel, in raster order. */
  rgb: Uint8Array<SharedArrayBuffer>
  width: number
  height: number
}

/**
 * Decodes a picture into memory shared by threads.
 * @throws PictureError
 */
export async function readPixels(bytes: Uint8Array, limits?: PictureLimits): Promise<Pixels> {
  try {
    const { data, info } = await openPicture(bytes, limits).raw().toBuffer({ resolveWithObject: true })
    const rgb = new Uint8Array(new SharedArrayBuffer(data.length))
    rgb.set(data)
    return { rgb, width: info.width, height: info.height }
  } catch (error) {
    throw asPictureError(error)
  }
}
