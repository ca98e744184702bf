/** Starts what the environment configures for social networks: a listener per account, a collector per hashtag. */
import type { Client } from '@temporalio/client'
import type { Environment } from '../adapters/environment.ts'
import { presenceOf } from '../api/jobs/standing-workflow.ts'
import { type Account, accountsOf, deletionsOf } from '../api/social/accounts.ts'
import { libraryOf, startCollector, usualCollector } from '../api/social/collectors.ts'
import { describeDeletions, startDeletions } from '../api/social/deletions.ts'
import { describeListener, startListener } from '../api/social/listeners.ts'
import { type CollectorConfig, collectorId } from '../workflows/contract/collector.ts'
import { type DeletionsConfig, deletionsId } from '../workflows/contract/deletions.ts'
import { listenerId } from '../workflows/contract/listener.ts'

/**
 * Every process of the API does this at its start, so it changes nothing that somebody has decided: what was stopped stays so,
 * and a collector, whose options come with `mosaicme collect start`, keeps its own, paused or not. Running listeners and
 * deletion checks take all of theirs from the environment: they are told when it has changed.
 *
 * @returns the listeners, a line each
 */
export async function startListening(client: Client, environment: Environment): Promise<string[]> {
  const lines: string[] = []
  for (const account of environment.listenMode === 'off' ? [] : accountsOf(environment)) {
    const { network } = account
    lines.push(await keepListener(client, account))
    await keepDeletions(client, deletionsOf(environment, network))
    for (const hashtag of environment.collectHashtags)
      await keepCollector(client, {
        ...usualCollector,
        ...{ network, hashtags: [hashtag.toLowerCase()], library: libraryOf(hashtag) },
      })
  }
  return lines
}

async function keepListener(client: Client, account: Account): Promise<string> {
  const { network, account: name, listener } = account
  const presence = await presenceOf(client, listenerId(network, name))
  if (presence === 'stopped')
    return `@${name} on ${network}: it was stopped; mosaicme listen start ${network} starts it again`
  if (presence === 'absent' || differ((await describeListener(client, account)).config, listener))
    await startListener(client, account)
  return `@${name} on ${network} for #${listener.hashtag} (${listener.mode})`
}

async function keepDeletions(client: Client, config: DeletionsConfig): Promise<void> {
  const { network } = config
  const presence = await presenceOf(client, deletionsId(network))
  if (presence === 'stopped') return
  if (presence === 'absent' || differ((await describeDeletions(client, network))?.config, config))
    await startDeletions(client, config)
}

async function keepCollector(client: Client, config: CollectorConfig): Promise<void> {
  const presence = await presenceOf(client, collectorId(config.network, config.library))
  if (presence === 'absent') await startCollector(client, config)
}

const differ = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other)
