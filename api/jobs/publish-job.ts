/** Carries out a person's decision on a reply that a job could not finish. */
import { buffer } from 'node:stream/consumers'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import type { ObjectRef, PostRef, Publication, PublishJob } from '../../workflows/contract/job.ts'
import { taskQueues } from '../../workflows/contract/task-queues.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import type { Job } from '../schemas/job.ts'
import { callTemporal } from './temporal-call.ts'

type Store = Pick<ApiDependencies, 'store'>

export type Decision =
  /** Post it, unless it is found on our own timeline, as far as the network shows it. */
  | { decision: 'post' }
  /** It is published: the person has seen it. */
  | { decision: 'published'; url: string }
  | { decision: 'gallery_only' }

/** @throws {Problem} `not_finished`, `no_post`, `already_published` */
export async function publishJob(deps: ApiDependencies, job: Job, decision: Decision): Promise<void> {
  const { id } = job
  if (job.status !== 'succeeded')
    throw new Problem('not_finished', `The job ${id} has no mosaic to publish: it is ${job.status}.`)
  const asked = await postOf(deps, id)
  if (!asked)
    throw new Problem(
      'no_post',
      `The job ${id} was not requested by a post, so there is nothing to reply to.`,
    )
  const before = job.type === 'mosaic' ? job.result?.publication : undefined
  if (before?.status === 'published')
    throw new Problem(
      'already_published',
      `The reply to ${asked.post.url} has already been posted: ${before.url}.`,
    )
  if (decision.decision === 'post') return await post(deps, { jobId: id, ...asked })
  const publication: Publication =
    decision.decision === 'published'
      ? { status: 'published', url: decision.url }
      : { status: 'gallery_only', reason: 'decided by a person' }
  const { bucket, key } = layout.answer.decided(id)
  await deps.store.put(bucket, key, Buffer.from(JSON.stringify(publication)), {
    contentType: 'application/json',
  })
}

/** Idempotent: a second request finds the first one's workflow. */
async function post({ client }: ApiDependencies, job: PublishJob): Promise<void> {
  await callTemporal(client, () =>
    client.workflow.start('publish', {
      workflowId: `publish-${job.jobId}`,
      taskQueue: taskQueues.orchestration,
      args: [job],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `reply to ${job.post.url}, decided by a person`,
    }),
  )
}

/** Reads the mosaic's record, which outlives the history. */
async function postOf(
  { store }: Store,
  id: string,
): Promise<{ post: PostRef; small: ObjectRef } | undefined> {
  const record = (await readJson({ store }, layout.mosaic.record(id))) as
    | { post?: PostRef; small: ObjectRef }
    | undefined
  return record?.post && { post: record.post, small: { bucket: record.small.bucket, key: record.small.key } }
}

/** Replaces the job's own outcome with what a person has decided since. */
export async function withDecision(deps: Store, job: Job): Promise<Job> {
  if (job.type !== 'mosaic' || !job.result) return job
  const { publication } = job.result
  // Without a history, only a decision tells about the reply. A job that no post asked for has nothing to decide.
  if (publication?.status === 'published' || (!publication && job.started_at !== null)) return job
  const decided = (await readJson(deps, layout.answer.decided(job.id))) as Publication | undefined
  return decided ? { ...job, result: { ...job.result, publication: decided } } : job
}

async function readJson(
  { store }: Store,
  { bucket, key }: ReturnType<typeof layout.mosaic.record>,
): Promise<unknown> {
  try {
    const { body } = await store.get(bucket, key)
    return JSON.parse((await buffer(body)).toString())
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}
