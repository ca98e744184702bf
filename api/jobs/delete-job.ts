/** Deletes a job: stops it, removes what it stored, takes it out of the gallery and out of Temporal. */
import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client'
import { deleteAll } from '../../adapters/object-store/delete-all.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { awaitJob } from './await-job.ts'
import { runsOf } from './job-runs.ts'
import { callTemporal } from './temporal-call.ts'

/** Seconds that a running job gets to stop by itself before it is terminated. */
const patienceSeconds = 10

/** A repeat is a no-op. */
export async function deleteJob(deps: ApiDependencies, id: string): Promise<void> {
  // First of all: what runs on in spite of being told to stop finds it before it publishes anything.
  const { bucket, key } = layout.tombstone(id)
  await deps.store.put(bucket, key, new Uint8Array())
  await stop(deps, id)
  // The record first: without it there is no mosaic, whatever else is still there.
  const record = layout.mosaic.record(id)
  await deps.store.delete(record.bucket, record.key)
  await deps.cache.remove(id)
  await deleteAll(deps.store, ...placesOf(id))
  await forget(deps, id)
}

export async function wasDeleted({ store }: Pick<ApiDependencies, 'store'>, id: string): Promise<boolean> {
  const { bucket, key } = layout.tombstone(id)
  return (await store.head(bucket, key)) !== undefined
}

async function stop({ client }: ApiDependencies, id: string): Promise<void> {
  const handle = client.workflow.getHandle(id)
  try {
    const { status, memo } = await callTemporal(client, () => handle.describe())
    if (status.name !== 'RUNNING' && status.name !== 'PAUSED') return
    // A job that no worker has begun has nothing to tidy up, and maybe nobody to hear of its cancellation.
    if (memo?.startedAt !== undefined) {
      await callTemporal(client, () => handle.cancel())
      if (await awaitJob(client, id, patienceSeconds, new AbortController().signal)) return
    }
    await callTemporal(client, () => handle.terminate('deleted'))
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}

/** Everything that is named after the job; the uploaded picture is not: another job may have the same one. */
const placesOf = (id: string) => [
  layout.order(id),
  layout.work.prefix(id),
  layout.moderation.waiting(id),
  layout.jobRecord(id),
  ...layout.results(id),
]

/** Temporal deletes when it gets to it, measured: 20 s later. Until then the grave tells. */
async function forget({ client }: ApiDependencies, id: string): Promise<void> {
  // The runs before a replay as well, and the present one last: without it, a repeat of this has nothing to begin with.
  const runs = await runsOf(client, [id])
  for (const { runId } of runs.reverse()) await forgetRun(client, { workflowId: id, runId })
  await forgetRun(client, { workflowId: id })
}

async function forgetRun(
  client: Client,
  workflowExecution: { workflowId: string; runId?: string },
): Promise<void> {
  try {
    await callTemporal(client, () =>
      client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution,
      }),
    )
  } catch (error) {
    if (!(isGrpcServiceError(error) && error.code === notFound)) throw error
  }
}

/** gRPC status code. */
const notFound = 5
