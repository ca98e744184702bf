import {
  condition,
  isCancellation,
  patched,
  setCurrentDetails,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow'
import type { CollectorConfig, CollectorDoing, CollectorJob, CollectorState } from './contract/collector.ts'
import type { ObjectRef } from './contract/job.ts'
import { handleControlSignals, pausedBy } from './control-signals.ts'
import { isLong, nextRun } from './next-run.ts'
import { withoutReason } from './step-failure.ts'
import { standingSteps, steps } from './steps.ts'

/** Then it continues as new, to keep its history short. */
const pagesInRun = 50

/** Fills a tile library with photos posted under hashtags, within a daily budget of reads, until it is cancelled. */
export async function collector({ config, state }: CollectorJob): Promise<CollectorState> {
  const signals = handleControlSignals<CollectorConfig>({
    paused(paused) {
      state = { ...(paused ? state : withoutReason(state)), paused }
    },
    configured(wanted) {
      state = withoutReason(same(wanted, config) ? state : startOver(state))
      config = wanted
    },
  })
  /** A signal that arrived during a step takes precedence over what the step has found. */
  const take = (seen: CollectorState, asked: CollectorConfig): void => {
    if (!signals.received || !appliesAtOnce()) state = seen
    else state = { ...withoutReason(same(asked, config) ? seen : startOver(seen)), paused: state.paused }
  }

  try {
    for (let pages = 0; pages < pagesInRun && !isLong(); ) {
      signals.received = false
      const pause = pauseNeeded(config, state)
      showState(config, { ...state, doing: pause?.doing ?? 'collecting' })
      if (pause) {
        await (pause.ms === undefined
          ? condition(() => signals.received)
          : condition(() => signals.received, pause.ms))
        if (signals.received) continue
        if (pause.doing === 'resting') state = { ...state, doing: 'collecting' }
        if (pause.doing === 'full') {
          const asked = config
          take(await countAgain(asked, state), asked)
          pages++
        }
        continue
      }
      const asked = config
      take(await collectPage(asked, state), asked)
      pages++
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    state = { ...state, doing: 'stopped' }
    showState(config, state)
    return state
  }
  const shown = state.paused ? { ...state, doing: 'paused' as const } : state
  return await nextRun<CollectorJob>('collector', { config, state }, { config, state: shown })
}

/** With other hashtags nothing has been read yet: forgets the position and does not wait for the end of a rest. */
function startOver({ sinceId, newestId, untilId, ...state }: CollectorState): CollectorState {
  return appliesAtOnce() ? { ...state, doing: 'collecting' } : state
}

/**
 * Signals used to take effect only after the page in progress. A patch turns on at the first call that is no replay: runs from
 * before it change over at their next signal.
 */
const appliesAtOnce = () => patched('said-while-collecting')

/**
 * It used to wait for a signal once the library was full. A run from before that already waits so asks here only when a signal
 * wakes it: it needs one, such as `mosaicme collect resume`, and counts from then on.
 */
const looksAgain = () => patched('full-until-tiles-are-removed')

/** Tiles may have been removed, or added by others. */
async function countAgain({ library }: CollectorConfig, before: CollectorState): Promise<CollectorState> {
  try {
    const summary = `of "${library}"`
    const size = await standingSteps['count-tiles'].executeWithOptions({ summary }, [{ library }])
    return { ...before, size }
  } catch (error) {
    return pausedBy(before, error)
  }
}

/** Why it must not read now, and for how long. Without `ms`: until a signal arrives. */
function pauseNeeded(
  config: CollectorConfig,
  state: CollectorState,
): { doing: CollectorDoing; ms?: number } | undefined {
  const now = Date.now()
  if (state.paused) return { doing: 'paused' }
  if (state.size >= config.tilesAtMost)
    return { doing: 'full', ...(looksAgain() && { ms: config.everySeconds * 1000 }) }
  if (state.day === dayOf(now) && state.reads >= config.dailyReads)
    return { doing: 'budget_spent', ms: msToMidnight(now) }
  if (state.doing === 'resting') return { doing: 'resting', ms: config.everySeconds * 1000 }
  return undefined
}

async function collectPage(config: CollectorConfig, before: CollectorState): Promise<CollectorState> {
  const { network, hashtags, languages, smallestSide, photosPerAuthor, dailyReads } = config
  const day = dayOf(Date.now())
  const spent = before.day === day ? before.reads : 0
  const { sinceId, untilId } = before
  let after = before
  try {
    const page = await steps.collect.executeWithOptions(
      { summary: `${hashtags.map((tag) => `#${tag}`).join(' ')}, ${spent} of ${dailyReads} reads spent` },
      [
        {
          ...{
            collector: workflowInfo().workflowId,
            network,
            hashtags,
            languages,
            smallestSide,
            photosPerAuthor,
          },
          ...(sinceId !== undefined && { sinceId }),
          ...(untilId !== undefined && { untilId }),
          limit: dailyReads - spent,
        },
      ],
    )
    after = { ...before, day, reads: spent + page.reads, readsEver: before.readsEver + page.reads }
    if (page.sources && page.count > 0) after = await addTiles(config, after, page.sources, page.count)
    const newestId = before.newestId ?? page.newestId
    if (page.more) {
      const oldest = page.oldestId ?? untilId
      return { ...after, ...(newestId && { newestId }), ...(oldest && { untilId: oldest }) }
    }
    // Everything has been read: from now on, read only newer posts.
    const { newestId: _newest, untilId: _until, ...rest } = after
    return { ...rest, doing: 'resting', ...(newestId && { sinceId: newestId }) }
  } catch (error) {
    // What has been read is charged for, whatever became of its photos.
    return pausedBy(after, error)
  }
}

async function addTiles(
  { library }: CollectorConfig,
  state: CollectorState,
  sources: ObjectRef,
  count: number,
): Promise<CollectorState> {
  const { added, size } = await standingSteps['index-tiles'].executeWithOptions(
    { summary: `${count} photos into "${library}"` },
    [{ library, sources, start: 0, count, nameAtMost: 0 }],
  )
  await standingSteps['discard-work']({ jobId: workflowInfo().workflowId })
  return { ...state, added: state.added + added, size }
}

function showState(config: CollectorConfig, state: CollectorState): void {
  upsertMemo({ collector: { config, state } })
  setCurrentDetails(
    `**${state.doing}**: ${config.hashtags.map((tag) => `#${tag}`).join(' ')} into "${config.library}". ` +
      `${state.added} tiles added, ${state.reads} of ${config.dailyReads} reads spent today.` +
      (state.reason === undefined ? '' : ` It paused itself: ${state.reason}`),
  )
}

const same = (a: CollectorConfig, b: CollectorConfig) =>
  a.network === b.network && a.library === b.library && a.hashtags.join() === b.hashtags.join()

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** One second more, because clocks differ. */
const msToMidnight = (now: number) => Date.parse(`${dayOf(now)}T00:00:00Z`) + 24 * 60 * 60 * 1000 - now + 1000
