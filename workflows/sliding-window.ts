/**
 * Runs `work` for 0, 1, 2 … `count`, so many at once, and begins the next as soon as one is done: nothing waits for the
 * slowest of a group. When one fails, no more are begun and those under way are waited for.
 */
export async function slidingWindow(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let failure: { error: unknown } | undefined
  const lane = async () => {
    while (next < count && !failure) {
      try {
        await work(next++)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
  if (failure) throw failure.error
}
