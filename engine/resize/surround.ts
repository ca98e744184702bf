/**
 * Adds background around the finished pixels: up to a size, then padding. Applied to every frame of an
 * animation.
 */
import { type Sharp, sharp } from '../sharp.ts'
import { margins } from './geometry.ts'
import type { Output } from './options.ts'

export const isSurrounded = ({ extend, padding }: Output): boolean => Boolean(extend) || padding !== undefined

/** Frames stacked vertically. */
interface Pixels {
  data: Buffer
  info: { width: number; height: number; channels: 1 | 2 | 3 | 4; pageHeight?: number | undefined }
}

/** @param background a colour, or transparent */
export async function surround(
  { data, info }: Pixels,
  output: Output,
  background: string | object,
): Promise<Sharp> {
  const { width, channels } = info
  const height = info.pageHeight ?? info.height
  const count = info.height / height
  const around = margins({ width, height }, output)
  const frames = await Promise.all(
    Array.from({ length: count }, (_, frame) => {
      const size = width * height * channels
      const pixels = data.subarray(frame * size, (frame + 1) * size)
      return sharp(pixels, { raw: { width, height, channels } })
        .extend({ ...around, background: background as string })
        .raw()
        .toBuffer({ resolveWithObject: true })
    }),
  )
  const [first] = frames
  const raw = {
    width: first!.info.width,
    height: first!.info.height * count,
    channels: first!.info.channels,
    ...(count > 1 && { pageHeight: first!.info.height }),
  }
  return sharp(count > 1 ? Buffer.concat(frames.map((frame) => frame.data)) : first!.data, { raw })
}
