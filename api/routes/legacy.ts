/**
 * The contract of PictureResizeApi, the predecessor, for its existing clients: status codes, spelling and quirks are those of
 * Flask 1.1 and Werkzeug 1.0. The jobs behind it are ordinary jobs.
 */
import { buffer } from 'node:stream/consumers'
import { type Context, Hono } from 'hono'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { accessTo } from '../access/ownership.ts'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { limitedBody } from '../input/limited-body.ts'
import type { JobDesk } from '../jobs/asked-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { refuseFloods } from '../jobs/open-jobs.ts'
import { startLegacyJob } from '../legacy/start-legacy-job.ts'
import { pythonDictionary, validateRequest } from '../legacy/validate-request.ts'
import { problemHandler } from '../problem-handler.ts'
import { Problem } from '../problems.ts'
import { linksFor, siteOf } from '../site.ts'

const html = 'text/html; charset=utf-8'
const apology = "Something wrong. We'll try to fix that. Promise"

export function legacyRoutes(deps: ApiDependencies, { openJobs, metrics }: JobDesk) {
  const { bodyBytes } = deps.environment.limits
  const app = new Hono<ApiEnv>()
  const tellProblem = problemHandler(deps.logger)

  app.onError(async (error, c) => {
    const answer = await tellProblem(error, c)
    // Errors that the caller can fix or wait out are problem details, as everywhere; for the rest, old clients know one answer.
    if (answer.status < 500) return answer
    return c.body(apology, 500, { 'Content-Type': html })
  })

  app.post('/api/', refuseFloods(openJobs), limitedBody(bodyBytes), async (c) => {
    const body = await jsonObject(c)
    if (body === undefined) return c.body(apology, 500, { 'Content-Type': html })
    const headers = { Location: `${siteOf(deps, c)}/api/` }
    const validated = validateRequest(body)
    if ('faults' in validated)
      return json(c, {}, 400, { ...headers, status: pythonDictionary(validated.faults) })
    const identifier = await startLegacyJob(onBehalfOf(deps, c), validated.request, {
      caller: c.get('caller'),
      openJobs,
    })
    metrics.jobStarted('resize')
    return json(c, {}, 201, { ...headers, identifier })
  })

  app.get('/api/:id/', async (c) => {
    const id = c.req.param('id')
    const headers = { Location: `${siteOf(deps, c)}/api/${encodeURIComponent(id)}` }
    const access = await accessTo(deps, c.get('tenant'), id)
    const picture = access === 'none' ? undefined : await finishedPicture(deps, c, id)
    if (!picture) return json(c, { status: 'not found' }, 202, headers)
    const { height, width, bytes } = picture
    return json(c, { height, identifier: id, image: bytes.toString('base64'), width }, 200, headers)
  })

  app.post('/api', (c) => withSlash(c, deps))
  app.get('/api/:id', (c) => withSlash(c, deps))

  return app
}

/** `undefined` for bodies that Flask's `request.json` did not accept, and for JSON that is no object. */
async function jsonObject(c: Context): Promise<Record<string, unknown> | undefined> {
  if (!/^application\/([\w.-]+\+)?json\b/i.test(c.req.header('Content-Type') ?? '')) return undefined
  try {
    const body: unknown = JSON.parse(await c.req.text())
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    return isObject ? (body as Record<string, unknown>) : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** Like Flask's `jsonify`: sorted keys, which the callers here ensure, and a newline. */
const json = (c: Context, value: object, status: 200 | 201 | 202 | 400, headers: Record<string, string>) =>
  c.body(`${JSON.stringify(value)}\n`, status, { 'Content-Type': 'application/json', ...headers })

/** Pending, failed, deleted or unknown: the old API, which only knew results, answered all the same. Its results were PNGs. */
async function finishedPicture(deps: ApiDependencies, c: Context, id: string) {
  try {
    const job = await findJob(deps, id, linksFor(deps, siteOf(deps, c)))
    if (job.type !== 'resize' || job.result?.format !== 'png') return undefined
    const { bucket, key } = layout.resized(id, 'png')
    const { body } = await deps.store.get(bucket, key)
    return { width: job.result.width, height: job.result.height, bytes: await buffer(body) }
  } catch (error) {
    if (error instanceof ObjectNotFound || (error instanceof Problem && error.status < 500)) return undefined
    throw error
  }
}

/** Like Werkzeug's redirect, which keeps the method and the query. */
function withSlash(c: Context, deps: ApiDependencies): Response {
  const { pathname, search } = new URL(c.req.url)
  const target = `${siteOf(deps, c)}${pathname}/${search}`
  return c.body(`<!doctype html><title>Redirecting...</title><h1>Redirecting...</h1>\n`, 308, {
    'Content-Type': html,
    Location: target,
  })
}
