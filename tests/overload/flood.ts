/** A crowd: it asks at an even pace, whether answers come or not. */
import { setTimeout as delay } from 'node:timers/promises'

/** ms between two looks at the clock. */
const tick = 10

/** Resolves with how often it asked, when the last answer is there. */
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

/** How many a second there are, `clients` at a time, each asking again as soon as it has its answer. */
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
