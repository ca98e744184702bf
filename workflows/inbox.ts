import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow'
import type { InboxConfig, InboxJob, InboxState } from './contract/inbox.ts'
import { steps } from './steps.ts'

export const configure = defineSignal<[InboxConfig]>('configure')
export const pause = defineSignal('pause')
export const resume = defineSignal('resume')

/** Looks in one run: some 15 events each. */
const looksInRun = 100

/** Watches a folder or a prefix, and makes a mosaic or a tile of each new picture, for as long as it is let. */
export async function inbox({ config, state }: InboxJob): Promise<InboxState> {
  let changed = false
  const change = (paused: boolean) => () => {
    state = { ...withoutReason(state), paused }
    changed = true
  }
  setHandler(pause, change(true))
  setHandler(resume, change(false))
  setHandler(configure, (wanted) => {
    config = wanted
    change(false)()
  })

  try {
    for (let looks = 0; looks < looksInRun; ) {
      changed = false
      if (state.paused) {
        tell(config, { ...state, doing: 'paused' })
        await condition(() => changed)
        continue
      }
      tell(config, { ...state, doing: 'looking' })
      const before = state
      const { seen, more } = await look(config, before).catch((error: unknown) => ({
        seen: pausedBy(before, error),
        more: true,
      }))
      // What somebody said meanwhile stands.
      state = changed ? { ...withoutReason(seen), paused: state.paused } : seen
      looks++
      if (more || changed) continue
      tell(config, { ...state, doing: 'resting' })
      await condition(() => changed, config.everySeconds * 1000)
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    state = { ...state, doing: 'stopped' }
    tell(config, state)
    return state
  }
  return await continueAsNew<typeof inbox>({ config, state })
}

async function look(config: InboxConfig, before: InboxState): Promise<{ seen: InboxState; more: boolean }> {
  const { name, place, makes } = config
  const { handed, ...rest } = before
  const found = await steps['look-into-inbox'].executeWithOptions({ summary: describe(config) }, [
    { name, place, makes, ...(handed && { handed }) },
  ])
  const seen: InboxState = {
    ...rest,
    taken: before.taken + found.started,
    skipped: before.skipped + found.skipped,
    ...(found.lastSkipped && { lastSkipped: found.lastSkipped }),
  }
  if (!found.photos || !('tiles' in makes)) return { seen, more: found.more }
  const { sources, count, handed: marks } = found.photos
  const indexed = await steps['index-tiles'].executeWithOptions(
    { summary: `${count} photos into "${makes.tiles}"` },
    [{ library: makes.tiles, sources, start: 0, count, nameAtMost: 1, approved: true }],
  )
  const [skipped] = indexed.skipped
  return {
    more: true,
    seen: {
      ...seen,
      taken: seen.taken + indexed.added,
      skipped: seen.skipped + indexed.skipped.length,
      ...(skipped && { lastSkipped: skipped }),
      handed: marks,
    },
  }
}

function withoutReason({ reason: _reason, ...state }: InboxState): InboxState {
  return state
}

/** A step that will not do better by trying again: somebody has to look, and then lets it go on. */
function pausedBy(state: InboxState, error: unknown): InboxState {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
  return { ...state, paused: true, reason: error.cause?.message ?? error.message }
}

function tell(config: InboxConfig, state: InboxState): void {
  upsertMemo({ inbox: { config, state } })
  setCurrentDetails(
    `**${state.doing}**: ${describe(config)}. ${state.taken} taken, ${state.skipped} skipped.` +
      (state.reason === undefined ? '' : ` It paused by itself: ${state.reason}`),
  )
}

function describe({ place, makes }: InboxConfig): string {
  const where = 'folder' in place ? place.folder : `in/${place.prefix}`
  return 'tiles' in makes ? `${where} into "${makes.tiles}"` : `mosaics of ${where}`
}
