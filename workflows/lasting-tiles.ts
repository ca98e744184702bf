import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Who keeps removing tiles has to wait with the mosaics. */
const plansAtMost = 3

/** Tiles may be removed from a library while a mosaic is made of it: then it is made again, of those that are left. */
export async function withLastingTiles<T>(make: () => Promise<T>): Promise<T> {
  for (let plan = 1; ; plan++) {
    try {
      return await make()
    } catch (error) {
      if (plan === plansAtMost || !isTileMissing(error)) throw error
    }
  }
}

const isTileMissing = (error: unknown) =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'tile_missing'
