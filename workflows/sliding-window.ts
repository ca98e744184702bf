/**
 * Runs `work` for 0 .. `count` - 1, `atOnce` at a time, and starts the next as soon as one is done, so that none waits for the
 * slowest of a group. After a failure it starts no more, waits for those in flight, and throws.
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
