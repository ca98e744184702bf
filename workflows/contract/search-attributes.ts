import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/** Search attributes for the API's list and the Web UI. Registered when the server starts. */
export const jobType = defineSearchAttributeKey('JobType', SearchAttributeType.KEYWORD)
/** `queued`, `processing`, `succeeded`, `failed`, `canceled`. */
export const jobStatus = defineSearchAttributeKey('JobStatus', SearchAttributeType.KEYWORD)
/** Handle of the person that the job is for, without `@`. */
export const jobAuthor = defineSearchAttributeKey('JobAuthor', SearchAttributeType.KEYWORD)
/** Origin: `api`, `legacy`, `cli`, or a social network's name. */
export const jobSource = defineSearchAttributeKey('JobSource', SearchAttributeType.KEYWORD)
/** Name of the API key that started it; absent where there are no keys. */
export const jobCaller = defineSearchAttributeKey('JobCaller', SearchAttributeType.KEYWORD)

export const allSearchAttributes = [jobType, jobStatus, jobAuthor, jobSource, jobCaller] as const
