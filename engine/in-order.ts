/**
 * Runs `make` for up to `ahead` items concurrently and yields the results in order. When one fails or the
 * consumer stops early, it waits for those in progress, so that nothing continues in the background.
 */
export async function* inOrder<Item, Made>(
  items: Iterable<Item>,
  ahead: number,
  make: (item: Item) => Promise<Made>,
): AsyncGenerator<Made> {
  const waiting: Promise<Made>[] = []
  try {
    for (const item of items) {
      const made = make(item)
      made.catch(() => {})
      waiting.push(made)
      if (waiting.length >= ahead) yield await waiting.shift()!
    }
    while (waiting.length > 0) yield await waiting.shift()!
  } finally {
    await Promise.allSettled(waiting)
  }
}
