import { condition, defineSignal, setCurrentDetails, setHandler, upsertMemo } from '@temporalio/workflow'
import type { DeletionsConfig, DeletionsJob, DeletionsState } from './contract/deletions.ts'
import { isLong, nextRun } from './next-run.ts'
import { reasonOf, withoutReason } from './step-failure.ts'
import { steps } from './steps.ts'

export const configure = defineSignal<[DeletionsConfig]>('configure')
export const lookNow = defineSignal('lookNow')

/** Then it continues as new, to keep its history short. */
const daysInRun = 30

/** Looks posts up again every day and removes everything made from deleted ones: tiles, mosaics and credits. */
export async function deletions({ config, state }: DeletionsJob): Promise<void> {
  let asked = false
  setHandler(configure, (wanted) => {
    config = wanted
  })
  setHandler(lookNow, () => {
    asked = true
  })
  for (let day = 0; day < daysInRun && !isLong(); day++) {
    asked = false
    const before = withoutReason(state)
    // What fails today is tried again tomorrow, from the same post on.
    state = await look(config, before).catch((error: unknown) => ({ ...before, reason: reasonOf(error) }))
    upsertMemo({ deletions: { config, state } })
    setCurrentDetails(
      `${state.lookedUp} posts looked up, ${state.gone} of them deleted: ${state.tiles} tiles and ${state.mosaics} mosaics removed.` +
        (state.reason === undefined ? '' : ` The last look failed: ${state.reason}`),
    )
    await condition(() => asked, '24h')
  }
  return await nextRun<DeletionsJob>('deletions', { config, state })
}

async function look(config: DeletionsConfig, before: DeletionsState): Promise<DeletionsState> {
  const { network, lookUpsPerDay: limit } = config
  const { afterId: from, ...counts } = before
  const found = await steps['find-gone'].executeWithOptions(
    { summary: `up to ${limit} posts on ${network}` },
    [{ network, limit, ...(from !== undefined && { afterId: from }) }],
  )
  const seen: DeletionsState = {
    ...counts,
    lookedUp: counts.lookedUp + found.lookedUp,
    gone: counts.gone + found.gone.length,
    lookedAt: new Date().toISOString(),
    ...(found.afterId !== undefined && { afterId: found.afterId }),
  }
  if (found.gone.length === 0) return seen
  const summary = `${found.gone.length} posts deleted on ${network}`
  const { tiles, mosaics } = await steps['forget-posts'].executeWithOptions({ summary }, [
    { network, ids: found.gone },
  ])
  return { ...seen, tiles: seen.tiles + tiles, mosaics: seen.mosaics + mosaics }
}
