/**
 * Detects misspelt names: `S3_ENDPIONT` would otherwise silently mean "no S3".
 *
 * Only within our own families of names, and only close to an existing name. Kubernetes, for example, sets `REDIS_PORT` and
 * `REDIS_SERVICE_HOST` for a service called redis, and these must not prevent a start.
 */
const families =
  /^(S3|BUCKET|REDIS|X|FETCH|LISTEN|COLLECT|REPLY|METRICS|TEMPORAL|MAX_PICTURE|ALLOW|WEBHOOK|PAYLOAD)_[A-Z0-9_]+$/

/** The intended name, if `name` is unknown but within two edits of a known one. */
export function meantInstead(name: string, known: readonly string[]): string | undefined {
  if (!families.test(name) || known.includes(name)) return undefined
  return known.find((candidate) => candidate !== name && distance(name, candidate) <= 2)
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
