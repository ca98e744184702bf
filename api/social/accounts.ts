/** Accounts with credentials, and the configuration of their listeners. */
import type { Environment } from '../../adapters/environment.ts'
import type { DeletionsConfig } from '../../workflows/contract/deletions.ts'
import type { ListenerConfig } from '../../workflows/contract/listener.ts'
import { Problem } from '../problems.ts'

export type SocialEnvironment = Pick<
  Environment,
  | 'x'
  | 'xAccount'
  | 'mastodon'
  | 'bluesky'
  | 'dailyLookUps'
  | 'dailyBudgetUsd'
  | 'listenHashtag'
  | 'listenMode'
  | 'listenLibrary'
  | 'optOutWord'
>

export interface Account {
  network: string
  /** Without `@`. */
  account: string
  /** Its calls cost money. */
  isPaid: boolean
  listener: ListenerConfig
}

export function accountsOf(environment: SocialEnvironment): Account[] {
  const { x, xAccount, mastodon, bluesky, listenHashtag, listenMode, listenLibrary, optOutWord } = environment
  const listener: Omit<ListenerConfig, 'network'> = {
    hashtag: listenHashtag,
    // `off` only prevents listening at startup; a listener started by hand is meant to listen.
    mode: listenMode === 'stream' ? 'stream' : 'mentions',
    optOutWord,
    params: { library: listenLibrary, cell: 32, distance: 5, quality: 90 },
  }
  const accounts = [
    ...(x && xAccount !== undefined ? [{ network: 'x', account: xAccount, isPaid: true }] : []),
    ...(mastodon ? [{ network: 'mastodon', account: mastodon.account, isPaid: false }] : []),
    ...(bluesky ? [{ network: 'bluesky', account: bluesky.account, isPaid: false }] : []),
  ]
  return accounts.map((one) => ({ ...one, listener: { network: one.network, ...listener } }))
}

export const deletionsOf = ({ dailyLookUps }: SocialEnvironment, network: string): DeletionsConfig => ({
  network,
  lookUpsPerDay: dailyLookUps,
})

/** @throws {Problem} `network_not_configured` */
export function accountOn(environment: SocialEnvironment, network: string): Account {
  const account = accountsOf(environment).find((one) => one.network === network)
  if (account) return account
  throw new Problem(
    'network_not_configured',
    `There are no credentials for ${JSON.stringify(network)} in the environment. docs/social-networks.md explains how to connect an account.`,
  )
}
