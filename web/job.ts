/** Job types from the API's schemas, which add nothing to the browser's bundle. */
import type { Job, JobStatus, JobStep } from '../api/schemas/job.ts'

export type { Job, JobStatus, JobStep }
export type MosaicResult = NonNullable<Extract<Job, { type: 'mosaic' }>['result']>
export type ResizeResult = NonNullable<Extract<Job, { type: 'resize' }>['result']>
export type BulkResult = NonNullable<Extract<Job, { type: 'bulk' }>['result']>
export type TilesResult = NonNullable<Extract<Job, { type: 'tiles' }>['result']>

export const isFinal = (status: JobStatus) =>
  status === 'succeeded' || status === 'failed' || status === 'canceled'

/**
 * The path of an API URL. Such URLs contain the public address, but the visitor may have used another name (`localhost`, a
 * tunnel), and the page's security policy only allows its own origin.
 */
export const ownPath = (url: string) => /^https?:\/\/[^/]+(\/v1\/.*)$/.exec(url)?.[1] ?? url
