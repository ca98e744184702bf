/** Bulk: one job that resizes many pictures with the same options. */
import { createHash } from 'node:crypto'
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import pLimit from 'p-limit'
import * as layout from '../../adapters/object-store/layout.ts'
import type { BulkJob, BulkParams, ObjectRef, PictureSource } from '../../workflows/contract/job.ts'
import { requireScope } from '../access/scopes.ts'
import { onBehalfOf } from '../access/tenant.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { bytesOf, fileParts, isForm, jsonBody, jsonPart, onlyParts, readForm } from '../input/form.ts'
import { inHand } from '../input/in-hand.ts'
import { webhookOf } from '../input/job-request.ts'
import { limitedBody } from '../input/limited-body.ts'
import { pictureUrl } from '../input/picture-url.ts'
import { resizeParams } from '../input/resize-request.ts'
import { stagedList } from '../input/staged-list.ts'
import { isOwnUpload, isRenewed } from '../input/stored-upload.ts'
import { type JobDesk, pending, startAskedJob } from '../jobs/asked-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { refuseFloods } from '../jobs/open-jobs.ts'
import { wrongValue } from '../problems.ts'
import {
  type BulkRequest,
  bulkRequest,
  type FormBulkRequest,
  formBulkRequest,
  onlyOptions,
} from '../schemas/bulk-request.ts'
import { job } from '../schemas/job.ts'
import { alsoForm, startHeaders } from '../schemas/parameters.ts'
import { problemResponses } from '../schemas/problem.ts'
import { linksFor, siteOf } from '../site.ts'
import { parse, rejectInvalid } from '../validation.ts'

const postBulk = createRoute({
  method: 'post',
  path: '/v1/bulk',
  tags: ['Jobs'],
  summary: 'Resize many pictures',
  description:
    'One job for a list of URLs or uploads, everything under a bucket prefix, or the files of a form (several parts ' +
    '`image`, or one `zip`). A picture that fails does not stop the others. `GET /v1/jobs/{id}/result` is the manifest, one line ' +
    'of JSON per picture; `POST /v1/jobs/{id}/replay` processes the failed ones again.',
  request: {
    headers: startHeaders,
    body: {
      required: false,
      content: {
        'application/json': { schema: bulkRequest },
        ...alsoForm({
          type: 'object',
          required: ['job'],
          properties: {
            image: { type: 'array', items: { type: 'string', format: 'binary' } },
            zip: { type: 'string', format: 'binary' },
            job: { $ref: '#/components/schemas/FormBulkRequest' },
          },
        }),
      },
    },
  },
  responses: {
    202: {
      description: 'The job, in progress: see Location and Retry-After',
      content: { 'application/json': { schema: job } },
    },
    ...problemResponses(400, 401, 413, 415, 422, 429, 503),
  },
})

interface Asked {
  options: FormBulkRequest
  pointer: string
  /** The input as shown in the job's params. */
  input: object
  identity: unknown
  source: (id: string) => Promise<BulkJob['source']>
}

export function bulkRoutes(deps: ApiDependencies, desk: JobDesk) {
  const { bodyBytes } = deps.environment.limits
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.openAPIRegistry.register('FormBulkRequest', formBulkRequest)
  app.post('/v1/bulk', refuseFloods(desk.openJobs))
  app.post('/v1/bulk', limitedBody(bodyBytes, { instead: 'POST /v1/uploads takes pictures one by one.' }))

  return app.openapi(postBulk, async (c) => {
    const theirs = onBehalfOf(deps, c)
    const asked = isForm(c) ? await ofForm(c, theirs) : await ofJson(theirs, jsonBody(c, c.req.valid('json')))
    const order = webhookOf(deps, asked.options, asked.pointer)
    const params = await paramsOf(theirs, c, asked)
    const { metadata } = asked.options
    const { id } = await startAskedJob(c, deps, desk, {
      type: 'bulk',
      params: { ...params, input: asked.input },
      ...(metadata && { metadata }),
      arg: async (id) => ({ source: await asked.source(id), params, ...order }),
      identity: [asked.identity, order],
      summary: `resizes ${JSON.stringify(asked.input)}`.slice(0, 200),
    })
    return c.json(pending(c, await findJob(deps, id, linksFor(deps, siteOf(deps, c)))), 202)
  })
}

async function paramsOf(deps: ApiDependencies, c: Context, { options, pointer }: Asked): Promise<BulkParams> {
  const asked = onlyOptions(options)
  const how = { accept: c.req.header('Accept'), format: undefined, pointer, presets: deps.presets ?? {} }
  const { format, quality, ...params } = await resizeParams(deps, asked, how)
  const preset = asked.preset === undefined ? undefined : how.presets[asked.preset]
  // Unless a format is named, each picture keeps its own, with that format's quality.
  const named = (asked.format ?? preset?.format) !== undefined
  const fixed = asked.quality ?? preset?.quality
  return {
    ...params,
    ...(named && { format }),
    ...((named || fixed !== undefined) && { quality }),
  } as BulkParams
}

async function ofJson(deps: ApiDependencies, { input, ...options }: BulkRequest): Promise<Asked> {
  if (input.prefix) {
    // Objects in a bucket may belong to anybody.
    if (deps.tenant) requireScope(deps.tenant, deps.tenant.isolated ? 'operate' : 'submit')
    const { bucket, prefix: key } = input.prefix
    const source = async () => ({ prefix: { bucket, key } })
    return { options, pointer: '', input: { prefix: input.prefix }, identity: input.prefix, source }
  }
  if (input.uploads) {
    await refuseForeign(deps, input.uploads)
    await renewAll(deps, input.uploads)
  }
  const list =
    input.urls?.map((url, at) => ({ name: url, source: { url: pictureUrl(url, `/input/urls/${at}`) } })) ??
    input.uploads?.map(({ upload, name = upload }) => ({
      name,
      source: { object: layout.upload(upload) },
    })) ??
    []
  return { options, pointer: '', input: { pictures: list.length }, ...listed(deps, list) }
}

/** @throws {Problem} `upload_not_found` for the first one that this tenant did not upload */
async function refuseForeign(deps: ApiDependencies, uploads: readonly { upload: string }[]): Promise<void> {
  if (!deps.tenant?.isolated) return
  const own = await Promise.all(uploads.map(({ upload }) => lookups(() => isOwnUpload(deps, upload))))
  const at = own.indexOf(false)
  if (at >= 0)
    throw wrongValue(
      'upload_not_found',
      `/input/uploads/${at}/upload`,
      `There is no upload with the hash ${uploads[at]?.upload}.`,
    )
}

/** Renews the uploads, so that none expires before the job reads it. Missing ones are reported in the manifest. */
async function renewAll(deps: ApiDependencies, uploads: readonly { upload: string }[]): Promise<void> {
  const different = new Set(uploads.map(({ upload }) => upload))
  const renew = async (sha256: string) => {
    const { bucket, key } = layout.upload(sha256)
    const info = await deps.store.head(bucket, key)
    if (info) await isRenewed(deps, info)
  }
  await Promise.all([...different].map((sha256) => lookups(() => renew(sha256))))
}

/** Limits lookups of uploads, over all requests. */
const lookups = pLimit(32)

function listed(
  deps: ApiDependencies,
  list: { name: string; source: PictureSource }[],
): Pick<Asked, 'identity' | 'source'> {
  const { sha256, stage } = stagedList(deps.store, list)
  return { identity: sha256, source: async (id) => ({ list: await stage(id), count: list.length }) }
}

async function ofForm(c: Context, deps: ApiDependencies): Promise<Asked> {
  const form = await readForm(c)
  onlyParts(form, ['image', 'zip', 'job'])
  const options = await parse(formBulkRequest, await jsonPart(form, 'job'), '/job')
  if (form.has('zip')) {
    const [file, ...more] = fileParts(form, 'zip')
    if (more.length > 0 || form.has('image'))
      throw wrongValue('invalid_request', '/zip', 'Expected one zip and no other pictures.')
    const bytes = Buffer.from(await bytesOf(file!))
    if (bytes.subarray(0, 2).toString() !== 'PK')
      throw wrongValue('invalid_request', '/zip', 'Expected a zip archive.')
    const sha256 = sha256Of(bytes)
    return {
      ...{ options, pointer: '/job', input: { zip: { bytes: bytes.length } }, identity: sha256 },
      source: async (id) => ({ zip: await put(deps, layout.bulk.zip(id, sha256), bytes, 'application/zip') }),
    }
  }
  const parts = fileParts(form, 'image')
  if (parts.length > partsAtMost)
    throw wrongValue(
      'invalid_request',
      '/image',
      `Expected at most ${partsAtMost} pictures in a form, received ${parts.length}. POST /v1/uploads takes them one by one.`,
    )
  const files = await Promise.all(
    parts.map(async (file, at) => {
      const bytes = Buffer.from(await bytesOf(file))
      return { name: file.name.slice(0, 255) || `picture ${at + 1}`, bytes, sha256: sha256Of(bytes) }
    }),
  )
  return {
    ...{ options, pointer: '/job', input: { pictures: files.length } },
    identity: files.map(({ name, sha256 }) => [name, sha256]),
    source: async (id) => {
      // Stored for the job without inspection: files that are no pictures are reported in the manifest.
      const list = files.map(({ name, sha256 }) => ({
        name,
        source: { object: layout.bulk.picture(id, sha256) },
      }))
      const type = 'application/octet-stream'
      await Promise.all(
        files.map(({ bytes, sha256 }) =>
          inHand(() => put(deps, layout.bulk.picture(id, sha256), bytes, type)),
        ),
      )
      return await listed(deps, list).source(id)
    },
  }
}

/** As many as an archive may contain: each is stored before the response. */
const partsAtMost = 10_000

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function put(
  { store }: ApiDependencies,
  { bucket, key }: ObjectRef,
  bytes: Buffer,
  contentType: string,
): Promise<ObjectRef> {
  await store.put(bucket, key, bytes, { contentType })
  return { bucket, key }
}
