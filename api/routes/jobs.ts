/** Jobs: start, read, list, cancel, delete. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { WorkflowNotFoundError } from '@temporalio/client'
import { takesShortPath } from '../../workflows/contract/accepted-job.ts'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { entityTag, isKnown } from '../http/entity-tag.ts'
import { preferredWait } from '../http/preferred-wait.ts'
import { isForm, jsonBody } from '../input/form.ts'
import { type PreparedJob, prepareForm, prepareJson } from '../input/job-request.ts'
import { limitedBody } from '../input/limited-body.ts'
import { type JobDesk, pending, retryAfter, startAskedJob } from '../jobs/asked-job.ts'
import { awaitJob } from '../jobs/await-job.ts'
import { changedRequest } from '../jobs/changed-job.ts'
import { deleteJob } from '../jobs/delete-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { inTurn } from '../jobs/in-turn.ts'
import { isFinal } from '../jobs/job-events.ts'
import { listJobs } from '../jobs/list-jobs.ts'
import { refuseFloods } from '../jobs/open-jobs.ts'
import { publishJob } from '../jobs/publish-job.ts'
import { notFailed, replayJob } from '../jobs/replay-job.ts'
import { callTemporal } from '../jobs/temporal-call.ts'
import { Problem } from '../problems.ts'
import { decision, job, jobList, jobStatus, jobType } from '../schemas/job.ts'
import { jobRequest, replayRequest } from '../schemas/job-request.ts'
import { alsoForm, jobIdParameter, startHeaders, waitHeader } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { rejectInvalid } from '../validation.ts'

const jobContent = { 'application/json': { schema: job } }

const postJob = createRoute({
  method: 'post',
  path: '/v1/jobs',
  tags: ['Jobs'],
  summary: 'Start a job',
  description:
    'Makes a mosaic of a photo or resizes a picture. Answers 202 immediately; with `Prefer: wait=N` it waits up to N ' +
    'seconds, and answers 200 if the job finishes in that time. The picture can be a URL, base64, an upload or the part ' +
    '`image` of a form.',
  request: {
    headers: startHeaders,
    body: {
      required: false,
      content: {
        'application/json': { schema: jobRequest },
        ...alsoForm({
          type: 'object',
          required: ['image', 'job'],
          properties: {
            image: { type: 'string', format: 'binary' },
            mask: { type: 'string', format: 'binary', description: 'For a mosaic: where cells go.' },
            job: { $ref: '#/components/schemas/FormJobRequest' },
          },
        }),
      },
    },
  },
  responses: {
    200: { description: 'The job, finished in time', content: jobContent },
    202: { description: 'The job, in progress: see Location and Retry-After', content: jobContent },
    ...problemResponses(400, 401, 413, 415, 422, 429, 503),
  },
})

const getJob = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  tags: ['Jobs'],
  summary: 'Get a job',
  description: 'Answers 200 in every state of the job, with an ETag; `If-None-Match` is supported.',
  request: { params: jobIdParameter, headers: waitHeader },
  responses: {
    200: { description: 'The job', content: jobContent },
    304: { description: 'Unchanged' },
    ...problemResponses(401, 404, 410, 503),
  },
})

const getJobs = createRoute({
  method: 'get',
  path: '/v1/jobs',
  tags: ['Jobs'],
  summary: 'List jobs',
  description: 'Running jobs first, then finished ones, latest first. A new job appears after a moment.',
  request: {
    query: z.strictObject({
      type: jobType.optional(),
      status: jobStatus.optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      after: z.string().max(4096).optional().openapi({ description: 'The `next` of an earlier page.' }),
    }),
  },
  responses: {
    200: { description: 'A page of jobs', content: { 'application/json': { schema: jobList } } },
    ...problemResponses(401, 422, 503),
  },
})

const cancelJob = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  tags: ['Jobs'],
  summary: 'Cancel a job',
  description:
    'Asks a running job to stop, which takes up to a few seconds. It is `processing` until it has removed what it had stored, ' +
    'and `canceled` then; while the store or the workers for that are down, it waits for them, up to a day.',
  request: { params: jobIdParameter },
  responses: {
    202: { description: 'The job, asked to stop', content: jobContent },
    ...problemResponses(401, 404, 409, 410, 503),
  },
})

const replayFailedJob = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/replay',
  tags: ['Jobs'],
  summary: 'Replay a failed job',
  description:
    'Resumes at the step that failed, under the same ID; finished steps are not repeated. Repeating the call while the ' +
    'job runs has no effect. With `params` it starts a new job instead, with the same picture and these parameters changed, ' +
    'however the old one ended; `null` removes a parameter. The new job names the old one as its `parent`.',
  request: {
    params: jobIdParameter,
    headers: startHeaders.omit({ prefer: true }),
    body: { required: false, content: { 'application/json': { schema: replayRequest } } },
  },
  responses: {
    202: { description: 'The job, in progress again: see Location and Retry-After', content: jobContent },
    ...problemResponses(400, 401, 404, 409, 410, 413, 422, 429, 503),
  },
})

const publishFinishedJob = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/publish',
  tags: ['Jobs'],
  summary: 'Decide whether to reply to a post',
  description:
    'For a mosaic that was requested by a post and whose `publication` is `unknown` or `gallery_only`. It never posts a ' +
    'reply that is known to be published. The outcome appears in `publication`.',
  request: {
    params: jobIdParameter,
    body: { required: true, content: { 'application/json': { schema: decision } } },
  },
  responses: {
    202: { description: 'The job; the decision is being carried out, or has been', content: jobContent },
    ...problemResponses(400, 401, 404, 409, 410, 413, 415, 422, 503),
  },
})

const removeJob = createRoute({
  method: 'delete',
  path: '/v1/jobs/{id}',
  tags: ['Jobs'],
  summary: 'Delete a job',
  description: 'Cancels it if it is running, and removes what it stored. Afterwards it answers 410.',
  request: { params: jobIdParameter },
  responses: { 204: { description: 'Gone' }, ...problemResponses(401, 404, 503) },
})

export function jobRoutes(deps: ApiDependencies, desk: JobDesk) {
  const { client, environment } = deps
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.post(
    '/v1/jobs',
    refuseFloods(desk.openJobs),
    limitedBody(environment.limits.bodyBytes),
    inTurn(desk.openJobs),
  )
  app.post('/v1/jobs/:id/replay', limitedBody(environment.limits.bodyBytes))

  return app
    .openapi(postJob, async (c) => {
      const wait = preferredWait(c.req.header('Prefer'))
      const prepared = isForm(c)
        ? await prepareForm(c, onBehalfOf(deps, c))
        : await prepareJson(onBehalfOf(deps, c), jsonBody(c, c.req.valid('json')), c.req.header('Accept'))
      const started = await startAskedJob(c, deps, desk, toStart(prepared))
      if (!takesShortPath(prepared)) c.get('endTurn')?.()
      const over = wait !== undefined && (await awaitJob(client, started.id, wait, c.req.raw.signal))
      const links = linksFor(deps, siteOf(deps, c))
      const found = await findJob(deps, started.id, links)
      if (wait !== undefined) c.header('Preference-Applied', `wait=${wait}`)
      if (!over && !(started.replayed && isFinal(found))) return c.json(pending(c, found), 202)
      c.header('Location', found.urls.self)
      return c.json(found, 200)
    })
    .openapi(getJob, async (c) => {
      const { id } = c.req.valid('param')
      const links = linksFor(deps, siteOf(deps, c))
      let found = await findJob(deps, id, links)
      const wait = preferredWait(c.req.header('Prefer'))
      if (wait !== undefined) {
        c.header('Preference-Applied', `wait=${wait}`)
        if (!isFinal(found) && (await awaitJob(client, id, wait, c.req.raw.signal)))
          found = await findJob(deps, id, links)
      }
      const body = JSON.stringify(found)
      const etag = entityTag(body)
      c.header('ETag', etag)
      c.header('Cache-Control', 'no-cache')
      if (!isFinal(found)) c.header('Retry-After', retryAfter(found))
      if (isKnown(c.req.header('If-None-Match'), etag)) return c.body(null, 304)
      return c.json(found, 200)
    })
    .openapi(getJobs, async (c) => {
      const { data, next } = await listJobs(
        onBehalfOf(deps, c),
        c.req.valid('query'),
        linksFor(deps, siteOf(deps, c)),
      )
      return c.json({ data, has_more: next !== null, next }, 200)
    })
    .openapi(cancelJob, async (c) => {
      const { id } = c.req.valid('param')
      const links = linksFor(deps, siteOf(deps, c))
      const found = await findJob(deps, id, links)
      if (isFinal(found))
        throw new Problem(
          'already_finished',
          `The job ${id} is already over (${found.status}). Nothing was canceled.`,
        )
      try {
        await callTemporal(client, () => client.workflow.getHandle(id).cancel())
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        throw new Problem('already_finished', `The job ${id} has just finished. Nothing was canceled.`)
      }
      c.header('Location', found.urls.self)
      c.header('Retry-After', '1')
      return c.json(await findJob(deps, id, links), 202)
    })
    .openapi(replayFailedJob, async (c) => {
      const { id } = c.req.valid('param')
      const links = linksFor(deps, siteOf(deps, c))
      // Unknown, deleted, or known only from its result, which means that it succeeded.
      const known = await findJob(deps, id, links)
      const historyGone = (error: unknown): never => {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        throw new Problem(
          'history_gone',
          `The history of ${id}, which ended at ${known.completed_at}, is no longer in Temporal: start a new job.`,
        )
      }
      const { params } = c.req.valid('json') ?? {}
      if (params !== undefined) {
        const request = await changedRequest(deps, id, params).catch(historyGone)
        const prepared = await prepareJson(onBehalfOf(deps, c), request, c.req.header('Accept'))
        const child = await startAskedJob(c, deps, desk, { ...toStart(prepared), parent: id })
        return c.json(pending(c, await findJob(deps, child.id, links)), 202)
      }
      const again = known.type === 'bulk' && known.result && known.result.failed > 0
      if (known.status === 'succeeded' && !again) throw notFailed(id, 'COMPLETED')
      const reason = `requested by ${c.get('caller')} with POST /v1/jobs/${id}/replay`
      await replayJob(deps, id, reason).catch(historyGone)
      return c.json(pending(c, await findJob(deps, id, links)), 202)
    })
    .openapi(publishFinishedJob, async (c) => {
      const { id } = c.req.valid('param')
      const links = linksFor(deps, siteOf(deps, c))
      await publishJob(deps, await findJob(deps, id, links), jsonBody(c, c.req.valid('json')))
      const found = await findJob(deps, id, links)
      c.header('Location', found.urls.self)
      return c.json(found, 202)
    })
    .openapi(removeJob, async (c) => {
      const { id } = c.req.valid('param')
      await findJob(deps, id, linksFor(deps, siteOf(deps, c))).catch((error: unknown) => {
        // Deleting a deleted job succeeds: DELETE is idempotent (RFC 9110, section 9.2.2).
        if (!(error instanceof Problem && error.code === 'job_deleted')) throw error
      })
      await deleteJob(deps, id)
      return c.body(null, 204)
    })
}

function toStart(prepared: PreparedJob) {
  const { type, params, arg, metadata, identity } = prepared
  const author = 'author' in arg ? arg.author : undefined
  const size = type === 'resize' ? `${params.width ?? 'any'} x ${params.height ?? 'any'} px` : params.library
  return {
    type,
    params,
    arg: async () => arg,
    identity: { picture: identity, author, webhook: arg.webhook },
    summary:
      `${type} (${size}) of ${'url' in arg.source ? withoutQuery(arg.source.url) : arg.source.object.key}`.slice(
        0,
        200,
      ),
    ...(metadata && { metadata }),
    ...(author?.handle && { author: author.handle }),
  }
}

/** A presigned URL grants access: it is fetched with its query, and shown without. */
const withoutQuery = (url: string) => url.replace(/\?.*$/s, '')
