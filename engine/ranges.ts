/** Splits `0..total` into ranges of at most `size`: first, and one past the last. */
export function ranges(total: number, size: number): [first: number, end: number][] {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => [
    i * size,
    Math.min(total, (i + 1) * size),
  ])
}
