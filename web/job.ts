/** A job as the API tells of it. Its types come from the API's own schemas and weigh nothing in a browser. */
import type { Job, JobStatus, JobStep } from '../api/schemas/job.ts'

export type { Job, JobStatus, JobStep }
export type MosaicResult = NonNullable<Extract<Job, { type: 'mosaic' }>['result']>
export type ResizeResult = NonNullable<Extract<Job, { type: 'resize' }>['result']>
export type BulkResult = NonNullable<Extract<Job, { type: 'bulk' }>['result']>
export type TilesResult = NonNullable<Extract<Job, { type: 'tiles' }>['result']>

export const isFinal = (status: JobStatus) =>
  status === 'succeeded' || status === 'failed' || status === 'canceled'

/**
 * The API's links name the site's public address. The visitor may have come by another name (`localhost`,
 * a tunnel), and the page's security policy lets only its own origin in: so the path is what counts.
 */
export const ownPath = (url: string) => /^https?:\/\/[^/]+(\/v1\/.*)$/.exec(url)?.[1] ?? url
