import { condition, isCancellation, setCurrentDetails, upsertMemo } from '@temporalio/workflow'
import type { InboxConfig, InboxJob, InboxState } from './contract/inbox.ts'
import { handleControlSignals, pausedBy } from './control-signals.ts'
import { isLong, nextRun } from './next-run.ts'
import { withoutReason } from './step-failure.ts'
import { standingSteps, steps } from './steps.ts'

/** Scans per run, at about 15 events each. */
const looksInRun = 100

/** Watches a folder or a bucket prefix and turns each new picture into a mosaic or a tile, until it is cancelled. */
export async function inbox({ config, state }: InboxJob): Promise<InboxState> {
  const paused = (paused: boolean) => {
    state = { ...withoutReason(state), paused }
  }
  const signals = handleControlSignals<InboxConfig>({
    paused,
    configured(wanted) {
      config = wanted
      paused(false)
    },
  })

  try {
    for (let looks = 0; looks < looksInRun && !isLong(); ) {
      signals.received = false
      if (state.paused) {
        showState(config, { ...state, doing: 'paused' })
        await condition(() => signals.received)
        continue
      }
      showState(config, { ...state, doing: 'looking' })
      const before = state
      const { seen, more } = await look(config, before).catch((error: unknown) => ({
        seen: pausedBy(before, error),
        more: true,
      }))
      // A signal that arrived meanwhile takes precedence.
      state = signals.received ? { ...withoutReason(seen), paused: state.paused } : seen
      looks++
      if (more || signals.received) continue
      showState(config, { ...state, doing: 'resting' })
      await condition(() => signals.received, config.everySeconds * 1000)
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    state = { ...state, doing: 'stopped' }
    showState(config, state)
    return state
  }
  const shown = state.paused ? { ...state, doing: 'paused' as const } : state
  return await nextRun<InboxJob>('inbox', { config, state }, { config, state: shown })
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
  const indexed = await standingSteps['index-tiles'].executeWithOptions(
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

function showState(config: InboxConfig, state: InboxState): void {
  upsertMemo({ inbox: { config, state } })
  setCurrentDetails(
    `**${state.doing}**: ${describe(config)}. ${state.taken} taken, ${state.skipped} skipped.` +
      (state.reason === undefined ? '' : ` It paused itself: ${state.reason}`),
  )
}

function describe({ place, makes }: InboxConfig): string {
  const where = 'folder' in place ? place.folder : `in/${place.prefix}`
  return 'tiles' in makes ? `${where} into "${makes.tiles}"` : `mosaics of ${where}`
}
