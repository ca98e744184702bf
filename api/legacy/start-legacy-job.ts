import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectRef, ResizeParams } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { storeUpload } from '../input/stored-upload.ts'
import { fingerprint } from '../jobs/idempotency.ts'
import type { AdmittingJobs } from '../jobs/open-jobs.ts'
import { startJob } from '../jobs/start-job.ts'
import { Problem } from '../problems.ts'
import type { LegacyRequest } from './validate-request.ts'

/** Starts the same resize as `POST /v1/jobs` does; the job's ID is the old API's `identifier`. */
export async function startLegacyJob(
  deps: ApiDependencies,
  { image, width, height }: LegacyRequest,
  { caller, openJobs }: { caller: string; openJobs: AdmittingJobs },
): Promise<string> {
  const params: ResizeParams = {
    ...{ width, height, fit: 'fill', format: 'png' },
    ...{ quality: 80, withoutEnlargement: false },
  }
  const bytes = lenientBase64(image)
  const { id } = await startJob(
    deps,
    {
      type: 'resize',
      door: 'legacy',
      params,
      arg: async (jobId) => ({ source: { object: await keep(deps, jobId, bytes) }, params }),
      identity: fingerprint(image),
      summary: `resize (${width} x ${height} px) asked for at /api/`,
    },
    { caller, openJobs },
  )
  return id
}

/**
 * The old API said yes to everything and lost what it could not read. Here such bytes go to the job as they came: it
 * fails, and says of what.
 */
async function keep(deps: ApiDependencies, jobId: string, bytes: Uint8Array): Promise<ObjectRef> {
  try {
    return layout.upload((await storeUpload(deps, bytes, '/image')).sha256)
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    const place = layout.work.photo(jobId)
    await deps.store.put(place.bucket, place.key, bytes)
    return place
  }
}

/** Python's `b64decode` skips what is not of its alphabet, and so does Node; a `data:` URL's head would be of it. */
const lenientBase64 = (text: string) => Buffer.from(text.replace(/^data:[^,]{0,200},/i, ''), 'base64')
