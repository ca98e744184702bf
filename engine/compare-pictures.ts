import type { Fidelity } from './fidelity.ts'
import type { PictureLimits } from './picture.ts'
import { readPixels } from './pixels.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

/**
 * Fidelity of any two picture files; the grid is that of the mosaic.
 * @throws PictureError
 */
export async function comparePictures(
  target: Uint8Array,
  mosaic: Uint8Array,
  grid: { columns: number; rows: number },
  options: RunOptions & { limits?: PictureLimits } = {},
): Promise<Fidelity> {
  const pictures = await Promise.all([target, mosaic].map((bytes) => readPixels(bytes, options.limits)))
  const [fidelity] = await runOnThreads(
    'comparePixels',
    [{ target: pictures[0]!, mosaic: pictures[1]!, columns: grid.columns, rows: grid.rows }],
    options,
  )
  return fidelity!
}
