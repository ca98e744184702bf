import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow'
import type { ListenerConfig, ListenerJob, ListenerState } from './contract/listener.ts'
import { isLong, nextRun } from './next-run.ts'
import { reasonOf, withoutReason } from './step-failure.ts'
import { steps } from './steps.ts'

export const configure = defineSignal<[ListenerConfig]>('configure')

/** Steps of an hour each, about 60 events in all, before it continues as new. */
const stepsInRun = 8

/** After an error that retrying at once will not fix: a minute, doubling to half an hour. */
const restMs = (failures: number) => Math.min(30, 2 ** (failures - 1)) * 60_000

/** Listens for posts that ask for mosaics, for months if need be. Returns its position when it is cancelled. */
export async function listener(job: ListenerJob): Promise<ListenerState> {
  let { config, state } = job
  let listening: CancellationScope | undefined
  let configured = false
  setHandler(configure, (wanted) => {
    configured = true
    if (JSON.stringify(wanted) === JSON.stringify(config)) return
    config = wanted
    listening?.cancel()
  })

  for (let step = 0, failures = 0; step < stepsInRun && !isLong(); step++) {
    state = withoutReason(state)
    configured = false
    showState(config, state)
    const scope = new CancellationScope()
    listening = scope
    try {
      const { network, hashtag, mode } = config
      state = await scope.run(() =>
        steps.listen.executeWithOptions({ summary: `#${hashtag} on ${network} (${mode})` }, [
          { config, state },
        ]),
      )
      failures = 0
    } catch (error) {
      // Canceled before a worker picked it up.
      if (!isCancellation(error)) {
        failures++
        state = { ...state, reason: reasonOf(error) }
        showState(config, state)
        await condition(() => configured, restMs(failures)).catch(unlessCancelled)
      }
    }
    if (CancellationScope.current().consideredCancelled) {
      state = withoutReason(state)
      upsertMemo({ listener: { config, state } })
      setCurrentDetails(`Stopped. ${state.mosaics} mosaics.`)
      return state
    }
  }
  return await nextRun<ListenerJob>('listener', { config, state })
}

function showState(config: ListenerConfig, state: ListenerState): void {
  const { network, hashtag, mode } = config
  upsertMemo({ listener: { config, state } })
  setCurrentDetails(
    `Listening to ${network} for **#${hashtag}** (${mode}). ${state.mosaics} mosaics so far.` +
      (state.reason === undefined ? '' : ` It waits before it listens again: ${state.reason}`),
  )
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error
}
