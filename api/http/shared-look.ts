/**
 * The next look at something that changes, the same for all who wait for it: however many watch, it is read once an
 * interval, and not at all while nobody does.
 *
 * @param read tells the present state
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
