import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Who keeps removing tiles has to wait with the mosaics. */
const plansAtMost = 3

/**
 * Tiles may be removed from a library while a mosaic is made of it: then it is made again, of those that are left.
 *
 * @throws {ApplicationFailure} `tile_missing` when that happened each time. A replay plans anew: see
 * `api/jobs/replay-job.ts`.
 */
export async function withLastingTiles<T>(library: string, make: () => Promise<T>): Promise<T> {
  for (let plan = 1; ; plan++) {
    try {
      return await make()
    } catch (error) {
      if (!isTileMissing(error)) throw error
      if (plan < plansAtMost) continue
      throw ApplicationFailure.create({
        message: `Tiles were removed from the library "${library}" while the mosaic was being made, ${plansAtMost} times in a row.`,
        type: 'tile_missing',
        // Also, so that it is encrypted when the step's words were.
        cause: error,
      })
    }
  }
}

const isTileMissing = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'tile_missing'
