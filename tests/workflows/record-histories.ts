/**
 * `npm run record-histories`: runs a job of every kind on real workers and stores their histories in
 * `tests/workflows/histories/`, where `replay.test.ts` replays them against the current workflow code.
 *
 * Records only missing histories; with `-- --anew`, all of them. Use that only after a change that running jobs survive, or that
 * affects none: a history that no longer replays is a job that would be stuck. Then the change needs a patch, not a new recording.
 */
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Context } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { addTiles, listTiles, removeTiles } from '../../activities/tile-library/index.ts'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import type { SeenPost } from '../../adapters/social/social-network.ts'
import { replayJob } from '../../api/jobs/replay-job.ts'
import {
  type CollectorConfig,
  type CollectorDoing,
  type CollectorJob,
  newCollector,
} from '../../workflows/contract/collector.ts'
import type { DeletionsJob } from '../../workflows/contract/deletions.ts'
import { type InboxConfig, type InboxJob, newInbox } from '../../workflows/contract/inbox.ts'
import type {
  CellPlace,
  MosaicJob,
  ObjectRef,
  ResizeParams,
  TileSource,
} from '../../workflows/contract/job.ts'
import type { ListenerConfig } from '../../workflows/contract/listener.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import type { collector, deletions, inbox, listener, publish } from '../../workflows/index.ts'
import { startTemporal } from '../servers/temporal.ts'
import { plaza } from '../social/plaza.ts'
import { photo, tilePhoto } from './pictures.ts'
import { startStack } from './stack.ts'
import { addStripedTiles } from './striped-tiles.ts'
import { withoutTraces } from './without-traces.ts'

const folder = join(import.meta.dirname, 'histories')

/** The store's error for the upload step, while it is set. */
let fault: Error | undefined
/** Whether the upload step waits until it is canceled. */
let held = false

const pictures = createServer(async (request, response) => {
  if (request.method === 'POST') return void response.writeHead(204).end()
  response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(await photo())
})
await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve))
const picturesHost = `127.0.0.1:${(pictures.address() as AddressInfo).port}`

const pictured: SeenPost = {
  ...{ network: 'plaza', id: '3', url: 'https://plaza.example/3', handle: 'someone', author: 'Someone' },
  ...{
    summonsUs: false,
    text: 'Look',
    createdAt: '2026-11-21T00:00:00Z',
    sensitive: false,
    hashtags: ['clouds'],
  },
  ...{ photos: [{ url: `http://${picturesHost}/photo.jpg` }], isRepost: false, byUs: false },
}
const pace = { poll: 50, round: 60_000, lookBack: 1_000, backoff: 1 }

const temporal = await startTemporal()
const stack = await startStack({
  temporal: { address: temporal.address, namespace: 'default' },
  fetchAllowHosts: [picturesHost],
  webhookSecret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  networks: [
    plaza({
      findGone: async (ids) => [...ids],
      // A page with one photo, then nothing.
      read: async (source, { untilId }) => ({
        posts: source.kind === 'search' && untilId === undefined ? [pictured] : [],
        reads: source.kind === 'search' ? 1 : 0,
        more: untilId === undefined,
      }),
    }),
  ],
  listenPace: pace,
  wrapStore: (store) => {
    const copy = store.copy.bind(store)
    store.copy = async (...args) => {
      if (held) await Context.current().cancelled
      if (fault) throw fault
      return await copy(...args)
    }
    return store
  },
})

try {
  await addStripedTiles(stack.store)
  await mkdir(folder, { recursive: true })
  // Histories written by old code cannot be recorded again.
  const stale = (await readdir(folder)).filter((file) => !file.includes('-before-'))
  if (process.argv.includes('--anew')) for (const file of stale) await rm(join(folder, file))
  await mosaics()
  await resizes()
  await tiles()
  await listeners()
  await collectors()
  await forgetting()
  await moderation()
  await inboxes()
  await bulk()
} finally {
  await stack.stop()
  await temporal.stop()
  pictures.close()
}

async function mosaics(): Promise<void> {
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 }
  const job: MosaicJob = { source: await stack.upload(await photo()), params, author: { handle: 'someone' } }
  const post = {
    network: 'plaza',
    id: '1',
    url: 'https://plaza.example/1',
    handle: 'someone',
    author: 'Someone',
  }

  const finished = await stack.start('mosaic', job)
  await keep('mosaic-finished', finished)
  const edits = {
    swap: [
      [
        { x: 0, y: 0 },
        { x: 9, y: 9 },
      ],
    ] as [CellPlace, CellPlace][],
  }
  const { source: _, ...same } = job
  const edited = { ...same, source: { mosaic: finished.workflowId, edits } }
  await keep('mosaic-edited', await stack.start('mosaic', edited))
  const shape = { layout: 'quadtree' as const, mask: await stack.upload(await photo()) }
  await keep('mosaic-of-places', await stack.start('mosaic', { ...job, params: { ...params, ...shape } }))
  await keep('mosaic-with-post', await stack.start('mosaic', { ...job, post }))

  fault = new ObjectStoreError('access_denied', 'The bucket is locked.')
  const failed = await stack.start('mosaic', job)
  await keep('mosaic-failed', failed, 'FAILED')
  fault = undefined
  await replayJob(stack, failed.workflowId, 'the bucket is open again')
  await keep('mosaic-replayed', stack.client.workflow.getHandle(failed.workflowId))

  fault = new ObjectStoreError('access_denied', 'The bucket is locked.')
  const webhook = `http://${picturesHost}/hook`
  const { workflowId } = await stack.start('mosaic', { ...job, webhook })
  const told = stack.client.workflow.getHandle(workflowId)
  await told.result().catch(() => {})
  fault = undefined
  await replayJob(stack, workflowId, 'the bucket is open again')
  await keep('mosaic-replayed-with-webhook', told)

  held = true
  const canceled = await stack.start('mosaic', job)
  while (stageOf(await canceled.describe()) !== 'upload') await new Promise((next) => setTimeout(next, 50))
  await canceled.cancel()
  await keep('mosaic-canceled', canceled, 'CANCELLED')
  held = false
}

async function resizes(): Promise<void> {
  const params: ResizeParams = {
    ...{ width: 64, height: 48, fit: 'cover', format: 'webp' },
    ...{ quality: 80, withoutEnlargement: false },
  }
  const damaged = (await photo(400, 300)).subarray(0, 3_000)
  const url = `http://${picturesHost}/photo.jpg`
  await keep(
    'resize-finished',
    await stack.start('resize', { source: await stack.upload(await photo()), params }),
  )
  await keep('resize-by-url', await stack.start('resize', { source: { url }, params }))
  const told = await stack.start('resize', {
    source: await stack.upload(await photo()),
    params,
    webhook: `http://${picturesHost}/hook`,
  })
  await keep('resize-with-webhook', told)
  const { events } = await told.fetchHistory()
  const webhook = events?.find((event) => event.childWorkflowExecutionStartedEventAttributes)
    ?.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId
  await keep('webhook-told', stack.client.workflow.getHandle(webhook ?? ''))
  await keep(
    'resize-failed',
    await stack.start('resize', { source: await stack.upload(damaged), params }),
    'FAILED',
  )
}

async function tiles(): Promise<void> {
  const offered: TileSource[] = []
  // Three batches, mostly duplicates.
  for (let n = 0; n < 250; n++)
    offered.push({ source: await stack.upload(await tilePhoto(n % 5)), name: `tile ${n}` })
  const sources = await stack.upload(Buffer.from(JSON.stringify(offered)))
  const job = { library: 'many', sources: sources.object, count: offered.length }
  await keep('tiles-in-batches', await stack.start('tiles', job))
}

async function listeners(): Promise<void> {
  const config: ListenerConfig = {
    ...{ network: 'plaza', hashtag: 'mosaicme', mode: 'mentions', optOutWord: 'nomosaic' },
    params: { library: 'small', cell: 16, distance: 1, quality: 85 },
  }
  const start = (name: string) =>
    stack.client.workflow.start<typeof listener>('listener', {
      workflowId: `listener-plaza-${name}`,
      taskQueue: taskQueues.orchestration,
      args: [{ config, state: { since: 1, mosaics: 0 } }],
    })
  const stopped = await start('stopped')
  await untilListening(stopped)
  // With another hashtag, it starts over.
  await stopped.signal('configure', { ...config, hashtag: 'mosaics' })
  await new Promise((next) => setTimeout(next, 2_000))
  await stopped.cancel()
  await keep('listener-stopped', stopped)

  pace.round = 20
  const worn = await start('worn')
  const { runId } = await worn.describe()
  while ((await worn.describe()).runId === runId) await new Promise((next) => setTimeout(next, 50))
  await worn.terminate('a new history has begun')
  const first = stack.client.workflow.getHandle(worn.workflowId, runId, { followRuns: false })
  await keep('listener-of-one-run', first, 'CONTINUED_AS_NEW')

  const post = {
    network: 'plaza',
    id: '2',
    url: 'https://plaza.example/2',
    handle: 'someone',
    author: 'Someone',
  }
  const { object } = await stack.upload(await photo())
  await keep(
    'publish-decided',
    await stack.client.workflow.start<typeof publish>('publish', {
      workflowId: 'publish-mosaic-1',
      taskQueue: taskQueues.orchestration,
      args: [{ jobId: 'mosaic-1', post, small: object }],
    }),
  )
}

async function collectors(): Promise<void> {
  const config: CollectorConfig = {
    ...{ network: 'plaza', hashtags: ['clouds'], library: 'clouds', dailyReads: 2, languages: [] },
    ...{ smallestSide: 10, photosPerAuthor: 4, tilesAtMost: 100, everySeconds: 1 },
  }
  const start = (library: string, changes: Partial<CollectorConfig>) =>
    stack.client.workflow.start<typeof collector>('collector', {
      workflowId: `collector-plaza-${library}`,
      taskQueue: taskQueues.orchestration,
      args: [{ config: { ...config, library, ...changes }, state: newCollector }],
    })
  const until = async (handle: Pick<WorkflowHandle, 'describe'>, doing: CollectorDoing) => {
    for (let told = ''; told !== doing; await new Promise((next) => setTimeout(next, 50)))
      told = ((await handle.describe()).memo?.collector as CollectorJob | undefined)?.state.doing ?? ''
  }
  const collecting = await start('clouds', {})
  await until(collecting, 'budget_spent')
  await collecting.signal('pause')
  await until(collecting, 'paused')
  await collecting.signal('configure', { ...config, dailyReads: 4 })
  await collecting.signal('resume')
  await until(collecting, 'budget_spent')
  await collecting.cancel()
  await keep('collector-stopped', collecting)

  const library = 'few-clouds'
  const filling = await start(library, { tilesAtMost: 1, dailyReads: 20 })
  await until(filling, 'full')
  const tileIds = (await listTiles({ store: stack.store, library })).map(({ id }) => id)
  await removeTiles({ store: stack.store, library, tileIds })
  await until(filling, 'resting')
  await filling.cancel()
  await keep('collector-full', filling)
}

async function forgetting(): Promise<void> {
  const looking = await stack.client.workflow.start<typeof deletions>('deletions', {
    workflowId: 'deletions-plaza',
    taskQueue: taskQueues.orchestration,
    args: [
      {
        config: { network: 'plaza', lookUpsPerDay: 10 },
        state: { lookedUp: 0, gone: 0, tiles: 0, mosaics: 0 },
      },
    ],
  })
  const told = async () =>
    ((await looking.describe()).memo?.deletions as DeletionsJob | undefined)?.state.lookedAt
  const untilAfter = async (before: string | undefined) => {
    while ((await told()) === before) await new Promise((next) => setTimeout(next, 50))
  }
  await untilAfter(undefined)
  const first = await told()
  await looking.signal('lookNow')
  await untilAfter(first)
  await looking.cancel()
  await keep('deletions-canceled', looking, 'CANCELLED')
}

async function moderation(): Promise<void> {
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 }
  const source = await stack.upload(await photo())
  for (const approved of [true, false]) {
    const waiting = await stack.start('mosaic', { source, params, review: true })
    while (!(await stack.store.head('in', `moderation/waiting/${waiting.workflowId}.json`)))
      await new Promise((next) => setTimeout(next, 50))
    await waiting.signal('moderate', { approved })
    if (approved) await keep('mosaic-approved', waiting)
    else await keep('mosaic-rejected', waiting, 'FAILED')
  }
  async function* photos() {
    for (let seed = 0; seed < 30; seed++)
      yield {
        name: `tile ${seed}`,
        bytes: await tilePhoto(seed),
        author: { handle: seed < 9 ? 'ann' : 'ben' },
      }
  }
  await addTiles({ store: stack.store, library: 'signed', photos: photos() })
  await (await stack.start('mosaic', { source, params: { ...params, library: 'signed' } })).result()
  const removal = { library: 'signed', removeAuthor: 'ann' }
  await keep('tiles-of-a-person-removed', await stack.start('tiles', removal as never))
}

async function inboxes(): Promise<void> {
  const config: InboxConfig = {
    ...{ name: 'booth', place: { prefix: 'inbox/booth/' }, makes: { tiles: 'booth' }, everySeconds: 1 },
  }
  await stack.store.put('in', 'inbox/booth/one.png', await tilePhoto(300))
  const watching = await stack.client.workflow.start<typeof inbox>('inbox', {
    workflowId: 'inbox-booth',
    taskQueue: taskQueues.orchestration,
    args: [{ config, state: newInbox }],
  })
  const until = async (wanted: (job: InboxJob) => boolean) => {
    for (let told: InboxJob | undefined; !told || !wanted(told); ) {
      await new Promise((next) => setTimeout(next, 50))
      told = (await watching.describe()).memo?.inbox as InboxJob | undefined
    }
  }
  await until(({ state }) => state.taken === 1 && state.doing === 'resting')
  await watching.signal('pause')
  await until(({ state }) => state.doing === 'paused')
  await watching.signal('configure', { ...config, place: { folder: '/nowhere' } })
  await until(({ config: { place } }) => 'folder' in place)
  await watching.cancel()
  await keep('inbox-stopped', watching)
}

async function untilListening(handle: Pick<WorkflowHandle, 'describe'>): Promise<void> {
  while (!(await handle.describe()).raw.pendingActivities?.[0]?.heartbeatDetails)
    await new Promise((next) => setTimeout(next, 50))
}

async function bulk(): Promise<void> {
  const good = await stack.upload(await photo())
  const bad = await stack.upload(Buffer.from('no picture'))
  const start = async (sources: { object: ObjectRef }[]) => {
    const list = sources.map((source, n) => ({ name: `picture ${n}`, source }))
    const { object } = await stack.upload(Buffer.from(JSON.stringify(list)))
    const params = { width: 16, fit: 'cover' as const }
    const source = { list: object, count: list.length }
    return await stack.start('bulk', { source, params, batchSize: 2, partSize: 3 })
  }
  const few = await start([good, bad, good])
  await keep('bulk-finished', few)
  await replayJob(stack, few.workflowId, 'try the bad one again')
  await keep('bulk-replayed', stack.client.workflow.getHandle(few.workflowId))
  const many = await start(Array.from({ length: 8 }, () => good))
  await keep('bulk-in-parts', many)
  await keep('bulk-part', stack.client.workflow.getHandle(`part-0-0-of-${many.workflowId}`))
}

async function keep(
  name: string,
  handle: Pick<WorkflowHandle, 'result' | 'describe' | 'fetchHistory'>,
  expected: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CONTINUED_AS_NEW' = 'COMPLETED',
): Promise<void> {
  await handle.result().catch(() => {})
  const { status } = await handle.describe()
  if (status.name !== expected) throw new Error(`expected ${name} to end ${expected}, it is ${status.name}`)
  const history = withoutTraces(JSON.parse(historyToJSON(await handle.fetchHistory())))
  const file = join(folder, `${name}.json`)
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return
  await writeFile(file, `${JSON.stringify(history, null, 2)}\n`)
  console.log(`${name}: ${status.name}`)
}

function stageOf({ memo }: { memo?: Record<string, unknown> | undefined }): string | undefined {
  return (memo?.progress as { stage?: string } | undefined)?.stage
}
