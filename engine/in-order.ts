/**
 * Makes things at once, `ahead` of them, and hands them over in order. When one fails or the consumer leaves early,
 * those under way are waited for, so that nothing goes on in the background.
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
