/** Everything between client and pixels, for real: Temporal, all workers, a store on disk, a gallery in memory. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { NativeConnection } from '@temporalio/worker'
import type { ListenPace } from '../../activities/listen.ts'
import type { AnswerPace } from '../../activities/tweet.ts'
import type { PayloadKey } from '../../adapters/environment.ts'
import type { GalleryCache } from '../../adapters/gallery-cache/gallery-cache.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { createGuardedFetch } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import type { SocialNetwork } from '../../adapters/social/social-network.ts'
import { createWorkers } from '../../workers/index.ts'
import { createTemporalClient } from '../../workers/temporal-client.ts'
import type {
  BulkJob,
  JobType,
  MosaicJob,
  ObjectRef,
  ResizeJob,
  TilesJob,
} from '../../workflows/contract/job.ts'
import { jobStatus, jobType } from '../../workflows/contract/search-attributes.ts'
import { allTaskQueues, taskQueues } from '../../workflows/contract/task-queues.ts'
import type { bulk, mosaic, resize, tiles } from '../../workflows/index.ts'
import '../servers/quiet-runtime.ts'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { onThisThread } from './on-this-thread.ts'

const queueOf = {
  mosaic: taskQueues.orchestration,
  tiles: taskQueues.orchestration,
  resize: taskQueues.resize,
  bulk: taskQueues.orchestration,
} as const

interface Jobs {
  bulk: { job: BulkJob; workflow: typeof bulk }
  mosaic: { job: MosaicJob; workflow: typeof mosaic }
  resize: { job: ResizeJob; workflow: typeof resize }
  tiles: { job: TilesJob; workflow: typeof tiles }
}

export interface Stack {
  client: Client
  store: ObjectStore
  gallery: GalleryCache
  dataDir: string
  /** Starts a job like the API; its ID is the workflow's. */
  start<Type extends JobType>(
    type: Type,
    job: Jobs[Type]['job'],
  ): Promise<WorkflowHandle<Jobs[Type]['workflow']>>
  /** Uploads a picture like the API. */
  upload(bytes: Uint8Array): Promise<{ object: ObjectRef }>
  /** Stops the workers; client and store stay. */
  stopWorking(): Promise<void>
  stop(): Promise<void>
}

export interface StackOptions {
  networks?: SocialNetwork[]
  /** Wraps the steps' store, for instance with faults. */
  wrapStore?: (store: ObjectStore) => ObjectStore
  fetchAllowHosts?: string[]
  webhookSecret?: string
  /** Build of the workers. */
  version?: { deploymentName: string; buildId: string }
  /** What needs a moderator's approval. Default: nothing. */
  moderate?: string[]
  /** Folders that inboxes may watch. */
  inboxFolders?: string[]
  /** Default: quick. */
  answerPace?: AnswerPace
  /** Default: quick. */
  listenPace?: ListenPace
  /** Payload keys; the first one encrypts. */
  payloadKeys?: PayloadKey[]
  /** Default: the test run's server, and the suite's namespace there. */
  temporal?: { address: string; namespace: string }
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { networks = [], wrapStore = (store) => store, fetchAllowHosts = [], webhookSecret } = options
  const { answerPace = { settle: 300, retry: 50, longest: 500 } } = options
  const { listenPace = { poll: 50, round: 60_000, lookBack: 500, backoff: 0.01 } } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-stack-'))
  const store = await openObjectStore({ dataDir })
  const gallery = await openGalleryCache({})
  const { temporal = { address: temporalAddress(), namespace: suiteNamespace() } } = options
  const { address, namespace } = temporal
  const connection = await NativeConnection.connect({ address })
  const { payloadKeys = [] } = options
  const client = await createTemporalClient({ connection, namespace, payloadKeys })
  const workers = await onThisThread(() =>
    createWorkers({
      connection,
      namespace,
      payloadKeys,
      queues: allTaskQueues,
      dataDir,
      graceMs: 2_000,
      version: options.version,
      adapters: {
        store: wrapStore(store),
        gallery,
        fetch: createGuardedFetch({ allowHosts: fetchAllowHosts }),
        networks,
        limits: {},
        site: 'https://mosaics.example',
        webhookSecret,
        moderate: options.moderate ?? [],
        inboxFolders: options.inboxFolders ?? [],
        replyText: 'Hi @{handle} Here is your mosaic: {link}',
        answerPace,
        listenPace,
      },
      answersPerSecond: 100,
    }),
  )
  const running = workers.run()
  const stopWorking = async () => {
    workers.shutdown()
    await running
  }

  return {
    client,
    store,
    gallery,
    dataDir,
    async start(type, job) {
      const attributes = [
        { key: jobType, value: type },
        { key: jobStatus, value: 'queued' },
      ]
      return await client.workflow.start(type, {
        workflowId: `${type}-${randomUUID()}`,
        taskQueue: queueOf[type],
        args: [job] as never,
        requestEagerStart: type === 'resize',
        memo: { params: 'params' in job ? job.params : {} },
        typedSearchAttributes: new TypedSearchAttributes(attributes),
      })
    },
    async upload(bytes) {
      const place = layout.upload(createHash('sha256').update(bytes).digest('hex'))
      await store.put(place.bucket, place.key, bytes)
      return { object: place }
    },
    stopWorking,
    async stop() {
      await stopWorking()
      await connection.close()
      await gallery.close()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
