/** Starts what the environment configures for social networks: a listener per account, a collector per hashtag. */
import type { Client } from '@temporalio/client'
import type { Environment } from '../adapters/environment.ts'
import { accountsOf, deletionsOf } from '../api/social/accounts.ts'
import { libraryOf, startCollector, usualCollector } from '../api/social/collectors.ts'
import { startDeletions } from '../api/social/deletions.ts'
import { startListener } from '../api/social/listeners.ts'

/** Running ones continue. @returns what is active, a line each */
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
