import {
  CancellationScope,
  continueAsNew,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow'
import type { ListenerConfig, ListenerJob, ListenerState } from './contract/listener.ts'
import { steps } from './steps.ts'

export const configure = defineSignal<[ListenerConfig]>('configure')

/** Steps of an hour each, about 60 events in all, before it continues as new. */
const stepsInRun = 8

/** Listens for posts that ask for mosaics, for months if need be. Returns its position when it is cancelled. */
export async function listener(job: ListenerJob): Promise<ListenerState> {
  let { config, state } = job
  let listening: CancellationScope | undefined
  setHandler(configure, (wanted) => {
    if (JSON.stringify(wanted) === JSON.stringify(config)) return
    config = wanted
    listening?.cancel()
  })

  for (let step = 0; step < stepsInRun; step++) {
    const { network, hashtag, mode } = config
    upsertMemo({ listener: { config, state } })
    setCurrentDetails(
      `Listening to ${network} for **#${hashtag}** (${mode}). ${state.mosaics} mosaics so far.`,
    )
    const scope = new CancellationScope()
    listening = scope
    try {
      state = await scope.run(() =>
        steps.listen.executeWithOptions({ summary: `#${hashtag} on ${network} (${mode})` }, [
          { config, state },
        ]),
      )
    } catch (error) {
      // Canceled before a worker picked it up.
      if (!isCancellation(error)) throw error
    }
    if (CancellationScope.current().consideredCancelled) {
      upsertMemo({ listener: { config, state } })
      setCurrentDetails(`Stopped. ${state.mosaics} mosaics.`)
      return state
    }
  }
  return await continueAsNew<typeof listener>({ config, state })
}
