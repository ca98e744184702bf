import type { Environment } from '../environment.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { openBluesky } from './bluesky.ts'
import { openLedger } from './ledger.ts'
import { openMastodon } from './mastodon.ts'
import type { SocialNetwork } from './social-network.ts'
import { openX } from './x.ts'

/**
 * Opens the networks that have credentials. Without any, everything else works.
 *
 * @param store for their costs; without it, costs are not recorded
 */
export function openSocialNetworks(
  {
    x,
    xAccount,
    xApiUrl,
    dailyBudgetUsd,
    mastodon,
    bluesky,
  }: Pick<Environment, 'x' | 'xAccount' | 'xApiUrl' | 'dailyBudgetUsd' | 'mastodon' | 'bluesky'>,
  store?: ObjectStore,
): SocialNetwork[] {
  const networks: SocialNetwork[] = []
  if (x && xAccount !== undefined) {
    const ledger = store && openLedger({ store, network: 'x', capUsd: dailyBudgetUsd })
    networks.push(openX({ credentials: x, apiUrl: xApiUrl, account: xAccount, ...(ledger && { ledger }) }))
  }
  if (mastodon) networks.push(openMastodon(mastodon))
  if (bluesky) networks.push(openBluesky(bluesky))
  return networks
}
