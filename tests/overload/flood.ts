/** An open-loop load: requests at a constant rate, whether or not responses arrive. */
import { setTimeout as delay } from 'node:timers/promises'

/** Timer interval, ms. */
const tick = 10

/** Resolves with the number of requests when the last response is there. */
export async function flood(
  perSecond: number,
  seconds: number,
  ask: (n: number) => Promise<void>,
): Promise<number> {
  const answers: Promise<void>[] = []
  const started = performance.now()
  for (let passed = 0; passed < seconds; passed = (performance.now() - started) / 1000) {
    while (answers.length < perSecond * passed) answers.push(ask(answers.length))
    await delay(tick)
  }
  await Promise.all(answers)
  return answers.length
}

/** A closed-loop load: throughput of `clients` that each send the next request after a response. */
export async function capacity(
  count: number,
  clients: number,
  ask: (n: number) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const started = performance.now()
  const client = async () => {
    while (next < count) await ask(next++)
  }
  await Promise.all(Array.from({ length: clients }, client))
  return count / ((performance.now() - started) / 1000)
}
