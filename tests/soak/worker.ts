/** A worker of the soak test in a process of its own, which is killed and restarted. Serves the given queues. */
import { NativeConnection } from '@temporalio/worker'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { guardedFetchFor } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { openSocialNetworks } from '../../adapters/social/open-social-networks.ts'
import { createWorkers } from '../../workers/index.ts'
import type { TaskQueue } from '../../workflows/contract/task-queues.ts'
import '../servers/quiet-runtime.ts'

const [, , queues = '', scratch = ''] = process.argv
const environment = loadEnvironment()
const connection = await NativeConnection.connect({ address: environment.temporal.address! })
const workers = await createWorkers({
  connection,
  namespace: environment.temporal.namespace,
  queues: queues.split(',') as TaskQueue[],
  dataDir: scratch,
  graceMs: 1_000,
  answersPerSecond: 50,
  adapters: {
    store: await openObjectStore(environment),
    gallery: await openGalleryCache({}),
    fetch: guardedFetchFor(environment),
    networks: openSocialNetworks(environment),
    limits: {},
    site: 'https://mosaics.example',
    replyText: environment.replyText,
    moderate: [],
    inboxFolders: [],
    webhookSecret: undefined,
    // Seconds instead of minutes: the fake X shows a post after half a second, and its calls are quick.
    answerPace: { settle: 2_000, retry: 200, longest: 2_000 },
    listenPace: { poll: 200, round: 15_000, lookBack: 1_000, backoff: 0.02 },
  },
})
process.once('SIGTERM', () => workers.shutdown())
console.log('working')
await workers.run()
await connection.close()
