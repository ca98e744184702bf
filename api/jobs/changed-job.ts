/** A new job with the picture of an old one and some parameters changed. */
import { decoded } from '../../adapters/payloads.ts'
import type { MosaicJob, MosaicParams, PictureSource, ResizeJob } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { type JobRequest, jobRequest } from '../schemas/job-request.ts'
import { parse } from '../validation.ts'
import { jobTypeOf } from './job-id.ts'
import { callTemporal } from './temporal-call.ts'

/**
 * The old job's request with these parameters replaced; `null` removes one.
 *
 * @throws {Problem} `no_replay_with_changes` for a job of another type; `invalid_request` as for a new job
 * @throws WorkflowNotFoundError if Temporal no longer has the old job
 */
export async function changedRequest(
  { client }: Pick<ApiDependencies, 'client'>,
  id: string,
  changes: Record<string, unknown>,
): Promise<JobRequest> {
  const type = jobTypeOf(id)
  if (type !== 'mosaic' && type !== 'resize')
    throw new Problem(
      'no_replay_with_changes',
      `Only mosaics and resizes can be replayed with other parameters, and ${id} is neither.`,
    )
  const { source, params, author } = await orderOf(client, id)
  if ('mosaic' in source)
    throw new Problem(
      'no_replay_with_changes',
      `${id} was made by editing the mosaic ${source.mosaic}: replay that one with other parameters, or edit either of them.`,
    )
  const input = askedPicture(source)
  const asked = 'mask' in params ? { ...params, mask: askedMask(params.mask) } : params
  const merged = Object.entries({ ...asked, ...changes }).filter(([, value]) => value !== null)
  return await parse(
    jobRequest,
    { type, input, ...(author && { author }), ...Object.fromEntries(merged) },
    '/params',
  )
}

const askedPicture = (source: PictureSource) =>
  'url' in source ? { url: source.url } : { upload: source.object.key.replace(/^uploads\//, '') }

const askedMask = (mask: MosaicParams['mask']) => (typeof mask === 'object' ? askedPicture(mask) : mask)

async function orderOf(client: ApiDependencies['client'], id: string) {
  const { events } = await callTemporal(client, () => client.workflow.getHandle(id).fetchHistory())
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
  const order = await decoded<
    | Pick<MosaicJob, 'source' | 'params' | 'author'>
    | (Pick<ResizeJob, 'source' | 'params'> & { author?: never })
  >(client, payload)
  if (!order) throw new Error(`expected the history of ${id} to begin with the workflow's arguments`)
  const { source, params, author } = order
  return { source, params, author }
}
