/** The short form; the long one is `npm run fuzz -- --runs 100000`. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { fuzz } from './fuzz.ts'
import { openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ address: temporalAddress(), namespace: suiteNamespace() })
})
afterAll(async () => await world?.stop())

it('generated input for routes and parsers is accepted or rejected with a message, never a 500', {
  timeout: 180_000,
}, async () => {
  const runs = 1_200
  const { counts, defects } = await fuzz({ runs, seed: 20_261_121, world })
  expect(defects).toEqual([])
  expect(world.errors).toEqual([])
  const tries = counts.reduce((sum, one) => sum + one.tries, 0)
  expect(Math.abs(tries - runs)).toBeLessThan(50)
  // A target that rejects everything, or accepts everything, would prove nothing.
  expect(counts.filter(({ taken }) => taken > 0).length).toBeGreaterThan(20)
  expect(counts.filter(({ refused }) => refused > 0).length).toBeGreaterThan(20)
})
