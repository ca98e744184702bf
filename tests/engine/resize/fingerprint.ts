/** Compares pictures by appearance, not by bytes. */
import sharp from 'sharp'

/** 16 x 16 RGB samples. */
const fingerprint = async (bytes: Uint8Array) =>
  await sharp(bytes)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .removeAlpha()
    .resize(16, 16, { fit: 'fill' })
    .raw()
    .toBuffer()

/** Mean difference of two pictures' samples, 0..255. Below 3 for the same picture in two encodings. */
export async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([fingerprint(one), fingerprint(other)])
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length
}

/** RGBA of one pixel. */
export async function pixelAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  return [
    ...(await sharp(bytes)
      .ensureAlpha()
      .toColourspace('srgb')
      .extract({ left: x, top: y, width: 1, height: 1 })
      .raw()
      .toBuffer()),
  ]
}

/** Red, green, blue, yellow: the quarters of a picture, by rows. */
export async function quarters(width = 80, height = 40): Promise<Buffer> {
  const colours = ['#f00', '#0f0', '#00f', '#ff0']
  const tile = (background: string) =>
    sharp({ create: { width: width / 2, height: height / 2, channels: 3, background } })
      .png()
      .toBuffer()
  const layers = await Promise.all(
    colours.map(async (colour, at) => ({
      input: await tile(colour),
      left: ((at % 2) * width) / 2,
      top: ((at >> 1) * height) / 2,
    })),
  )
  return await sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(layers)
    .png()
    .toBuffer()
}

export const red = [255, 0, 0, 255]
export const green = [0, 255, 0, 255]
export const blue = [0, 0, 255, 255]
export const yellow = [255, 255, 0, 255]

/** Variance of an area of a picture: 0 for a single colour. */
export async function variation(
  bytes: Uint8Array,
  part: { left: number; top: number; width: number; height: number },
): Promise<number> {
  // Two steps, because sharp's statistics are those of its input.
  const { channels } = await sharp(await sharp(bytes).removeAlpha().extract(part).png().toBuffer()).stats()
  return Math.max(...channels.map(({ stdev }) => stdev))
}
