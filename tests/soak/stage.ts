/** What a soak plays on: Temporal, a fake X, and three processes that listen, make mosaics and answer. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { allTaskQueues, taskQueues } from '../../workflows/contract/task-queues.ts'
import { startTemporal } from '../servers/temporal.ts'
import { type FakeX, startX } from '../servers/x/start-x.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { Respawned } from './respawned.ts'

export interface Stage {
  client: Client
  fake: FakeX
  store: ObjectStore
  listening: Respawned
  publishing: Respawned
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** @param folder empty, of this stage's own */
export async function openStage(folder: string): Promise<Stage> {
  const temporal = await startTemporal()
  const fake = await startX({ beatMs: 500 })
  await fake.set({ timelineLagMs: 500 })
  const env = { ...environment(fake), TEMPORAL_ADDRESS: temporal.address, DATA_DIR: join(folder, 'data') }
  const store = await openObjectStore({ dataDir: env.DATA_DIR })
  const connection = await Connection.connect({ address: temporal.address })
  const worker = async (name: string, queues: readonly string[]) => {
    const scratch = join(folder, name)
    await mkdir(scratch, { recursive: true })
    return new Respawned([queues.join(','), scratch], env)
  }
  const apart: string[] = [taskQueues.listen, taskQueues.tweet]
  const making = allTaskQueues.filter((queue) => !apart.includes(queue))
  const listening = await worker('listener', [taskQueues.listen])
  const publishing = await worker('publisher', [taskQueues.tweet])
  const workers = [listening, publishing, await worker('maker', making)]
  const stop = async () => {
    await Promise.all(workers.map((one) => one.stop()))
    await connection.close()
    await Promise.all([temporal.stop(), fake.stop(), store.close()])
  }
  try {
    await addStripedTiles(store)
    await Promise.all(workers.map(({ working }) => working))
  } catch (error) {
    await stop()
    throw error
  }
  const client = new Client({ connection })
  return { client, fake, store, listening, publishing, stop, [Symbol.asyncDispose]: stop }
}

/** Without what the person's shell would set in it. */
function environment(fake: FakeX): Record<string, string> {
  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  return { PATH, HOME, ...(MOSAICME_CACHE && { MOSAICME_CACHE }), NODE_NO_WARNINGS: '1', ...fake.environment }
}
