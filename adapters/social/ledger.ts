/** What calls to a social network cost: asked before a call, told after it. */

export type PaidCall = 'post_read' | 'mention_read' | 'own_read' | 'user_read' | 'reply'

export interface Ledger {
  /** @throws {SocialError} `social_budget_spent` when the day's cap is reached */
  admit(call: PaidCall): Promise<void>
  record(call: PaidCall, count: number): Promise<void>
}

export const freeOfCharge: Ledger = {
  async admit() {},
  async record() {},
}
