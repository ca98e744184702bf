import type { Environment } from '../environment.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { openBluesky } from './bluesky.ts'
import { openLedger } from './ledger.ts'
import { openMastodon } from './mastodon.ts'
import type { SocialNetwork } from './social-network.ts'

/**
 * Opens the networks that have credentials. Without any, everything else works.
 *
 * @param store for their costs; without it, costs are not recorded
 */
export async function openSocialNetworks(
  {
    x,
    xAccount,
    xApiUrl,
    dailyBudgetUsd,
    mastodon,
    bluesky,
  }: Pick<Environment, 'x' | 'xAccount' | 'xApiUrl' | 'dailyBudgetUsd' | 'mastodon' | 'bluesky'>,
  store?: ObjectStore,
): Promise<SocialNetwork[]> {
  const networks: SocialNetwork[] = []
  if (x && xAccount !== undefined) {
    const ledger = store && openLedger({ store, network: 'x', capUsd: dailyBudgetUsd })
    // Loaded only where it is used: the client of X takes 100 ms to load, 30 of them beside all others.
    const { openX } = await import('./x.ts')
    networks.push(openX({ credentials: x, apiUrl: xApiUrl, account: xAccount, ...(ledger && { ledger }) }))
  }
  if (mastodon) networks.push(openMastodon(mastodon))
  if (bluesky) networks.push(openBluesky(bluesky))
  return networks
}
