/** Shared by collectors and inboxes: they can be paused, resumed and reconfigured, and pause themselves when a step fails. */
import { defineSignal, setHandler } from '@temporalio/workflow'
import { reasonOf } from './step-failure.ts'

const pause = defineSignal('pause')
const resume = defineSignal('resume')
const configure = defineSignal<[unknown]>('configure')

export interface Pausable {
  paused: boolean
  /** Why it paused itself: an error that retrying will not fix. */
  reason?: string
}

/**
 * Handles signals as they arrive: wherever the workflow awaits something.
 *
 * @returns `received`: whether any arrived. Reset it before work whose outcome a signal may override.
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

/** After a step that would only fail again: paused until somebody resumes or reconfigures it. */
export function pausedBy<State extends Pausable>(state: State, error: unknown): State {
  return { ...state, paused: true, reason: reasonOf(error) }
}
