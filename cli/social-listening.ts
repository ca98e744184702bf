/** What the environment wants of social networks: a listener for each account, a collector for each hashtag. */
import type { Client } from '@temporalio/client'
import type { Environment } from '../adapters/environment.ts'
import { accountsOf, deletionsOf } from '../api/social/accounts.ts'
import { libraryOf, startCollector, usualCollector } from '../api/social/collectors.ts'
import { startDeletions } from '../api/social/deletions.ts'
import { startListener } from '../api/social/listeners.ts'

/** Those that run already go on. Returns who listens where, a line each. */
export async function startListening(client: Client, environment: Environment): Promise<string[]> {
  const accounts = environment.listenMode === 'off' ? [] : accountsOf(environment)
  for (const account of accounts) {
    await startListener(client, account)
    await startDeletions(client, deletionsOf(environment, account.network))
    for (const hashtag of environment.collectHashtags)
      await startCollector(client, {
        ...usualCollector,
        ...{ network: account.network, hashtags: [hashtag.toLowerCase()], library: libraryOf(hashtag) },
      })
  }
  return accounts.map(
    ({ network, account, listener }) =>
      `@${account} on ${network} for #${listener.hashtag} (${listener.mode})`,
  )
}
