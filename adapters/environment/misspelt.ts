/**
 * Names that look like ours but are not: `S3_ENDPIONT` would otherwise quietly mean "no S3".
 *
 * Only within families that are ours alone, and only close to a name that exists: Kubernetes, for one, sets
 * `REDIS_PORT` and `REDIS_SERVICE_HOST` beside a service called redis, and those must not stop a start.
 */
const families =
  /^(S3|BUCKET|REDIS|X|FETCH|LISTEN|COLLECT|REPLY|METRICS|TEMPORAL|MAX_PICTURE|ALLOW|WEBHOOK|PAYLOAD)_[A-Z0-9_]+$/

/** The name that was meant, when `name` is not known but within two letters of one that is. */
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
