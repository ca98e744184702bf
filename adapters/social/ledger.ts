/** Costs of calls to a social network: checked before a call, recorded after it, limited per day. */
import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import * as layout from '../object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../object-store/object-store.ts'
import { objectsUnder } from '../object-store/objects-under.ts'
import { SocialError } from './social-error.ts'

export type PaidCall = keyof typeof prices

/** US dollars, X's prices of 2026: https://docs.x.com/x-api/getting-started/pricing */
export const prices = {
  post_read: 0.005,
  mention_read: 0.001,
  own_read: 0.001,
  user_read: 0.01,
  /** To a post that mentions the account; a link in any other post would cost 0.2. */
  reply: 0.01,
} as const

export interface Ledger {
  /** @throws {SocialError} `social_budget_spent`, until midnight UTC, if the call would exceed the day's limit */
  admit(call: PaidCall): Promise<void>
  record(call: PaidCall, count: number): Promise<void>
}

export const freeOfCharge: Ledger = {
  async admit() {},
  async record() {},
}

type Calls = Partial<Record<PaidCall, number>>

export interface Spending {
  /** UTC, such as 2026-11-21. */
  day: string
  calls: Calls
  usd: number
}

/** How long the costs of other processes are cached, ms. */
const freshFor = 5_000

/**
 * Kept in the store, one file per process, so that no locks are needed. The limit holds over all processes, except for what they
 * spend within five seconds and the page being read.
 */
export function openLedger({
  store,
  network,
  capUsd,
  now = Date.now,
}: {
  store: ObjectStore
  network: string
  capUsd: number
  now?: () => number
}): Ledger {
  const id = randomUUID()
  let day = dayOf(now())
  let own: Calls = {}
  let others = { usd: 0, at: Number.NEGATIVE_INFINITY }
  let writing = Promise.resolve()

  function today(): void {
    if (dayOf(now()) === day) return
    day = dayOf(now())
    own = {}
    others = { usd: 0, at: Number.NEGATIVE_INFINITY }
  }

  async function write(): Promise<void> {
    const { bucket, key } = layout.spending.process(network, day, id)
    await store.put(bucket, key, Buffer.from(JSON.stringify(own)), { contentType: 'application/json' })
  }

  return {
    async admit(call) {
      today()
      if (now() - others.at > freshFor)
        others = { usd: (await readSpending(store, network, day, id)).usd, at: now() }
      const spent = others.usd + cost(own)
      if (spent + prices[call] <= capUsd + 1e-9) return
      throw new SocialError(
        'social_budget_spent',
        `The day's budget for ${network} is spent: $${spent.toFixed(2)} of $${capUsd} (X_DAILY_BUDGET_USD). ` +
          'It resumes at midnight UTC.',
        { retryAfterSeconds: secondsToMidnight(now()) },
      )
    },
    async record(call, count) {
      if (count === 0) return
      today()
      own[call] = (own[call] ?? 0) + count
      // Sequential writes: an older count must not overwrite a newer one.
      writing = writing.catch(() => {}).then(write)
      await writing
    },
  }
}

/** Total of all processes except `except`. */
export async function readSpending(
  store: ObjectStore,
  network: string,
  day: string,
  except?: string,
): Promise<Spending> {
  const calls: Calls = {}
  for await (const { key } of objectsUnder(store, layout.spending.day(network, day))) {
    if (except !== undefined && key.includes(except)) continue
    for (const [call, count] of Object.entries(await readCalls(store, key)))
      calls[call as PaidCall] = (calls[call as PaidCall] ?? 0) + count
  }
  return { day, calls, usd: cost(calls) }
}

async function readCalls(store: ObjectStore, key: string): Promise<Calls> {
  try {
    return JSON.parse((await buffer((await store.get('in', key)).body)).toString()) as Calls
  } catch (error) {
    if (error instanceof ObjectNotFound) return {}
    throw error
  }
}

const cost = (calls: Calls) =>
  Object.entries(calls).reduce((sum, [call, count]) => sum + prices[call as PaidCall] * count, 0)

export const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

const secondsToMidnight = (now: number) =>
  Math.ceil((Date.parse(`${dayOf(now)}T00:00:00Z`) + 86_400_000 - now) / 1000)
