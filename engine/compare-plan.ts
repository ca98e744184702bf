import type { Fidelity, ShownCells } from './fidelity.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

/** The result of `comparePixels` for a mosaic, or some rows of it, from descriptions alone; not rounded. */
export async function comparePlan(shown: ShownCells, run: RunOptions): Promise<Fidelity> {
  const [[distance], [similarity]] = await Promise.all([
    runOnThreads('distanceOfPlan', [shown], run),
    runOnThreads('similarityOfPlan', [shown], run),
  ])
  return { ...distance!, ...similarity }
}
