import type { Fidelity, ShownCells } from './fidelity.ts'
import { type RunOptions, runOnThreads } from './threads.ts'

/** The result of `comparePixels` for a mosaic, or some rows of it, from descriptions alone; not rounded. */
export async function comparePlan(shown: ShownCells, run: RunOptions): Promise<Fidelity> {
  const halves = (['distance', 'similarity'] as const).map((by) => ({ ...shown, by }))
  const [distance, similarity] = await runOnThreads('compareShown', halves, run)
  return { ...distance, ...similarity } as Fidelity
}
