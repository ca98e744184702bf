/** What collectors and inboxes have in common: they can be paused, resumed and reconfigured, and pause by themselves. */
import { ActivityFailure, defineSignal, isCancellation, setHandler } from '@temporalio/workflow'

const pause = defineSignal('pause')
const resume = defineSignal('resume')
const configure = defineSignal<[unknown]>('configure')

/** The part of a state that is about pausing. */
export interface Pausable {
  paused: boolean
  /** Why it paused by itself: what went wrong will not get better by trying again. */
  reason?: string
}

/**
 * Handles the signals as they come, which is between any two lines of the workflow.
 *
 * @returns whether any came. Set it to false before work whose outcome a signal may override.
 */
export function handleControlSignals<Config>(handlers: {
  paused(paused: boolean): void
  configured(wanted: Config): void
}): { received: boolean } {
  const signals = { received: false }
  const handle = (handler: () => void) => {
    handler()
    signals.received = true
  }
  setHandler(pause, () => handle(() => handlers.paused(true)))
  setHandler(resume, () => handle(() => handlers.paused(false)))
  setHandler(configure, (wanted) => handle(() => handlers.configured(wanted as Config)))
  return signals
}

/** After a step that would only fail again: paused until somebody has looked at it. */
export function pausedBy<State extends Pausable>(state: State, error: unknown): State {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
  return { ...state, paused: true, reason: error.cause?.message ?? error.message }
}

/** After somebody has looked at it. */
export function withoutReason<State extends Pausable>({ reason: _reason, ...state }: State): State {
  return state as State
}
