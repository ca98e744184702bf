/** Workflows on the thread of the tests, as the SDK's debug mode has it. */
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js'

/**
 * Creates workers whose workflows run on this thread. One of its own takes each worker a third of a second of CPU to start, and
 * forty suites have two such workers each; `npm start` and `mosaicme worker` have theirs in the suites of `tests/cli`, and in
 * the games of `tests/chaos`, `tests/soak` and `tests/hostile`.
 */
export async function onThisThread<T>(create: () => Promise<T>): Promise<T> {
  process.env.TEMPORAL_DEBUG = '1'
  try {
    return await create()
  } finally {
    delete process.env.TEMPORAL_DEBUG
    forgetPromises()
  }
}

/**
 * For stack traces of workflows the SDK hears of every promise of a thread from then on: in a process that test files share,
 * of all the promises of those that follow. It does so for workflows on this thread, and for histories that are replayed.
 */
export function forgetPromises(): void {
  globalHandlers.uninstall()
}
