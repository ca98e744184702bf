import type { Environment } from '../environment.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { openLedger } from './ledger.ts'
import type { SocialNetwork } from './social-network.ts'
import { openX } from './x.ts'

/**
 * Those that there are credentials for: without any, everything else works.
 *
 * @param store where their costs are kept; without it nobody counts them
 */
export function openSocialNetworks(
  {
    x,
    xAccount,
    xApiUrl,
    dailyBudgetUsd,
  }: Pick<Environment, 'x' | 'xAccount' | 'xApiUrl' | 'dailyBudgetUsd'>,
  store?: ObjectStore,
): SocialNetwork[] {
  if (!x || xAccount === undefined) return []
  const ledger = store && openLedger({ store, network: 'x', capUsd: dailyBudgetUsd })
  return [openX({ credentials: x, apiUrl: xApiUrl, account: xAccount, ...(ledger && { ledger }) })]
}
