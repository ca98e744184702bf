/** What workflows that keep watch share: they are told to pause, to go on, or to watch otherwise, and pause by themselves. */
import { ActivityFailure, defineSignal, isCancellation, setHandler } from '@temporalio/workflow'

const pause = defineSignal('pause')
const resume = defineSignal('resume')
const configure = defineSignal<[unknown]>('configure')

/** The part of a state that is about pausing. */
export interface Pausable {
  paused: boolean
  /** Why it paused by itself: what it met will not heal by trying again. */
  reason?: string
}

/** Hears what somebody says: at once, between two lines of the workflow. @returns whether anything was said; reset it before a look */
export function heed<Config>(told: { paused(paused: boolean): void; configured(wanted: Config): void }): {
  said: boolean
} {
  const heard = { said: false }
  const hear = (what: () => void) => {
    what()
    heard.said = true
  }
  setHandler(pause, () => hear(() => told.paused(true)))
  setHandler(resume, () => hear(() => told.paused(false)))
  setHandler(configure, (wanted) => hear(() => told.configured(wanted as Config)))
  return heard
}

/** Of a step that will not do better by trying again: somebody has to look, and then lets it go on. */
export function pausedBy<State extends Pausable>(state: State, error: unknown): State {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
  return { ...state, paused: true, reason: error.cause?.message ?? error.message }
}

/** Of a state that somebody has looked at. */
export function withoutReason<State extends Pausable>({ reason: _reason, ...state }: State): State {
  return state as State
}
