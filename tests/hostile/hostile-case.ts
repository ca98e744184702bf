import type { Outcome, Target } from './target.ts'

export interface HostileCase {
  name: string
  /** Expected outcome. Several if it depends on chance: a flipped bit may hit pixels or a header. */
  expected: Outcome | readonly Outcome[] | RegExp
  attack: (target: Target) => Promise<Outcome>
}

export const isExpected = ({ expected }: HostileCase, outcome: Outcome): boolean =>
  expected instanceof RegExp ? expected.test(outcome) : [expected].flat().includes(outcome)
