import type { Environment } from '../environment.ts'
import type { Ledger } from './ledger.ts'
import type { SocialNetwork } from './social-network.ts'
import { openX } from './x.ts'

/** Those that there are credentials for: without any, everything else works. */
export function openSocialNetworks(
  { x, xAccount, xApiUrl }: Pick<Environment, 'x' | 'xAccount' | 'xApiUrl'>,
  ledger?: Ledger,
): SocialNetwork[] {
  if (!x || xAccount === undefined) return []
  return [openX({ credentials: x, apiUrl: xApiUrl, account: xAccount, ...(ledger && { ledger }) })]
}
