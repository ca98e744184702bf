import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Plans in all: somebody who keeps removing tiles must not keep a job going forever. */
const plansAtMost = 3

/**
 * Plans the mosaic again, from the remaining tiles, if tiles were removed from its library while it was being made.
 *
 * @throws {ApplicationFailure} `tile_missing` when that happened every time. A replay plans again: see
 * `api/jobs/replay-job.ts`.
 */
export async function replanOnMissingTiles<T>(library: string, planAndCompose: () => Promise<T>): Promise<T> {
  for (let plan = 1; ; plan++) {
    try {
      return await planAndCompose()
    } catch (error) {
      if (!isTileMissing(error)) throw error
      if (plan < plansAtMost) continue
      throw ApplicationFailure.create({
        message: `Tiles were removed from the library "${library}" while the mosaic was being made, ${plansAtMost} times in a row.`,
        type: 'tile_missing',
        // The failure converter checks it: if the step's message was encrypted, this one will be.
        cause: error,
      })
    }
  }
}

const isTileMissing = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'tile_missing'
