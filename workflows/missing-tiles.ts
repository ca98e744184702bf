import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Whoever keeps removing tiles has to wait until the mosaics are done. */
const plansAtMost = 3

/**
 * Tiles may be removed from a library while a mosaic is being made from it, or waits for a moderator. The mosaic is then
 * planned again, from the tiles that are left.
 *
 * @throws {ApplicationFailure} `tile_missing` when that happened every time. A replay plans anew: see
 * `api/jobs/replay-job.ts`.
 */
export async function replanOnMissingTiles<T>(library: string, make: () => Promise<T>): Promise<T> {
  for (let plan = 1; ; plan++) {
    try {
      return await make()
    } catch (error) {
      if (!isTileMissing(error)) throw error
      if (plan < plansAtMost) continue
      throw ApplicationFailure.create({
        message: `Tiles were removed from the library "${library}" while the mosaic was being made, ${plansAtMost} times in a row.`,
        type: 'tile_missing',
        // It also tells the failure converter to encrypt this message when the step's message was encrypted.
        cause: error,
      })
    }
  }
}

const isTileMissing = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'tile_missing'
