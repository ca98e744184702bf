import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow'
import type { DeletionsConfig, DeletionsJob } from './contract/deletions.ts'
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
  for (let day = 0; day < daysInRun; day++) {
    const { network, lookUpsPerDay: limit } = config
    asked = false
    const { afterId: from, ...counts } = state
    const found = await steps['find-gone'].executeWithOptions(
      { summary: `up to ${limit} posts on ${network}` },
      [{ network, limit, ...(from !== undefined && { afterId: from }) }],
    )
    state = {
      ...counts,
      lookedUp: counts.lookedUp + found.lookedUp,
      gone: counts.gone + found.gone.length,
      lookedAt: new Date().toISOString(),
      ...(found.afterId !== undefined && { afterId: found.afterId }),
    }
    if (found.gone.length > 0) {
      const summary = `${found.gone.length} posts deleted on ${network}`
      const { tiles, mosaics } = await steps['forget-posts'].executeWithOptions({ summary }, [
        { network, ids: found.gone },
      ])
      state = { ...state, tiles: state.tiles + tiles, mosaics: state.mosaics + mosaics }
    }
    upsertMemo({ deletions: { config, state } })
    setCurrentDetails(
      `${state.lookedUp} posts looked up, ${state.gone} of them deleted: ${state.tiles} tiles and ${state.mosaics} mosaics removed.`,
    )
    await condition(() => asked, '24h')
  }
  return await continueAsNew<typeof deletions>({ config, state })
}
