/**
 * Shares polling: all callers that wait at the same time get the same next state, which is read once per interval, and not at all
 * while nobody waits.
 *
 * @param read returns the current state
 */
export function sharedLook<T>(read: () => Promise<T>, intervalMilliseconds: number): () => Promise<T> {
  let coming: Promise<T> | undefined
  return () => {
    coming ??= new Promise((resolve) => setTimeout(resolve, intervalMilliseconds)).then(() => {
      coming = undefined
      return read()
    })
    return coming
  }
}
