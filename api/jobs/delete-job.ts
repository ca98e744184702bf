/** Deletes a job: stops it, removes everything it stored, and removes it from the gallery and from Temporal. */
import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client'
import { deleteAll } from '../../adapters/object-store/delete-all.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { awaitJob } from './await-job.ts'
import { runsOf } from './job-runs.ts'
import { callTemporal } from './temporal-call.ts'

/** How long a running job may take to stop before it is terminated, seconds. */
const patienceSeconds = 10

/** A repeat is a no-op. */
export async function deleteJob(deps: ApiDependencies, id: string): Promise<void> {
  // First: steps that keep running despite being stopped check for it before they publish anything.
  const { bucket, key } = layout.tombstone(id)
  await deps.store.put(bucket, key, new Uint8Array())
  await stop(deps, id)
  // The record first: without it there is no mosaic, whatever else still exists.
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
    // A job that no worker has started has nothing to clean up, and maybe no worker to notice its cancellation.
    if (memo?.startedAt !== undefined) {
      await callTemporal(client, () => handle.cancel())
      if (await awaitJob(client, id, patienceSeconds, new AbortController().signal)) return
    }
    await callTemporal(client, () => handle.terminate('deleted'))
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}

/** Everything named after the job. Not the uploaded picture: other jobs may use the same one. */
const placesOf = (id: string) => [
  layout.order(id),
  layout.work.prefix(id),
  layout.moderation.waiting(id),
  layout.jobRecord(id),
  ...layout.results(id),
]

/** Temporal deletes asynchronously, measured: 20 s later. Until then the tombstone marks the job as deleted. */
async function forget({ client }: ApiDependencies, id: string): Promise<void> {
  // All runs, the current one last: without it, a repeat of this call could not find the others.
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
