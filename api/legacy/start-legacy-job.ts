import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectRef, ResizeParams } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { storeUpload } from '../input/stored-upload.ts'
import { fingerprint } from '../jobs/idempotency.ts'
import type { AdmittingJobs } from '../jobs/open-jobs.ts'
import { startJob } from '../jobs/start-job.ts'
import { Problem } from '../problems.ts'
import type { LegacyRequest } from './validate-request.ts'

/** Starts the same resize job as `POST /v1/jobs`. Its ID is the old API's `identifier`. */
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
      summary: `resize (${width} x ${height} px) requested at /api/`,
    },
    { caller, openJobs },
  )
  return id
}

/**
 * The old API accepted everything and lost what it could not read. Here, unreadable bytes go to the job unchanged, which then
 * fails and says why.
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

/** Like Python's `b64decode`, Node skips characters outside the alphabet, but those of a `data:` URL's prefix are inside. */
const lenientBase64 = (text: string) => Buffer.from(text.replace(/^data:[^,]{0,200},/i, ''), 'base64')
