/** Closed-loop load: each client sends its next request when the last one is answered. */
export interface Figures {
  perSecond: number
  p50: number
  p95: number
}

export async function load(
  count: number,
  clients: number,
  work: (n: number) => Promise<unknown>,
): Promise<Figures> {
  const latencies: number[] = []
  let next = 0
  const started = performance.now()
  const client = async () => {
    while (next < count) {
      const n = next++
      const begun = performance.now()
      await work(n)
      latencies.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!
  return { perSecond: count / seconds, p50: at(0.5), p95: at(0.95) }
}

/** The median round, by rate. */
export const median = (rounds: Figures[]) =>
  [...rounds].sort((a, b) => a.perSecond - b.perSecond)[rounds.length >> 1]!
