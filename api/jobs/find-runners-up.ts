/** Other tiles that would fit a cell. Searched on demand, because a plan keeps one tile per cell. */
import { buffer } from 'node:stream/consumers'
import pLimit from 'p-limit'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { type CellPlace, decodePlan, PictureError, type RunnerUp, runnersUp } from '../../engine/index.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { refuseUnknownLibrary } from '../input/job-request.ts'
import { Problem, wrongValue } from '../problems.ts'
import type { Job } from '../schemas/job.ts'
import { editableMosaic, openToEdit, refuseCellOutside } from './edited-job.ts'

/** Queued searches, of which one runs at a time. */
const waitingAtMost = 8

export interface WantedRunnersUp {
  mosaic: Job
  place: CellPlace
  count: number
  /** Aborted when nobody waits for the result any more. */
  signal: AbortSignal
}

export function createRunnersUp(deps: ApiDependencies) {
  const turn = pLimit(1)

  /** @throws {Problem} `not_finished`, `not_editable`, `invalid_edit`, `library_not_found`, `overloaded` */
  return async function findRunnersUp(wanted: WantedRunnersUp): Promise<RunnerUp[]> {
    const { mosaic, place, count, signal } = wanted
    const { openLibrary } = deps
    if (!openLibrary) throw new Problem('not_found', 'This service cannot edit mosaics.')
    const { params, cells, target } = await editableMosaic(deps, mosaic)
    refuseCellOutside(cells, place, place.x < cells.columns ? '/y' : '/x')
    await refuseUnknownLibrary(deps, params.library, '')
    if (turn.pendingCount >= waitingAtMost)
      throw new Problem('overloaded', 'Many searches for tiles are waiting. Try again in a moment.', {
        headers: { 'Retry-After': '1' },
      })
    return await turn(async () => {
      signal.throwIfAborted()
      const [plan, tiles, photo] = await Promise.all([
        read(deps, layout.mosaic.plan(mosaic.id)).then(decodePlan),
        openToEdit(openLibrary, params.library),
        target && read(deps, target),
      ])
      // One thread: the others are for jobs.
      return await runnersUp({
        ...{ plan, tiles, place, count, signal, threads: 1 },
        ...(photo && { target: photo }),
      })
    }).catch((error: unknown) => {
      if (error instanceof ObjectNotFound)
        throw new Problem('not_editable', `The plan of the mosaic ${mosaic.id} is gone.`)
      if (error instanceof PictureError) throw wrongValue('invalid_edit', '', error.message)
      throw error
    })
  }
}

const read = async ({ store }: ApiDependencies, { bucket, key }: layout.Place) =>
  await buffer((await store.get(bucket, key)).body)
