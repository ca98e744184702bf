/** Webhooks as received, verified with the library that receivers use. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { queueServices } from '../../workers/queues.ts'
import { type Api, base64, problemOf, startApi } from './api.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
interface Heard {
  headers: IncomingHttpHeaders
  body: string
}

let api: Api
let receiver: Server
let url: string
let heard: Heard[]
/** Status of each response; the last one repeats. Without any, requests wait in `unanswered`. */
let answers: number[]
let unanswered: ServerResponse[]
beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end()
    const body = (await buffer(request)).toString()
    heard.push({ headers: request.headers, body })
    if (answers.length === 0) return void unanswered.push(response)
    response.writeHead(answers.length > 1 ? answers.shift()! : answers[0]!, { 'Retry-After': '1' }).end()
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`
  url = `http://${host}/hook`
  api = await startApi({ WEBHOOK_SECRET: secret }, { webhookSecret: secret, fetchAllowHosts: [host] })
})
beforeEach(() => {
  heard = []
  answers = [204]
  unanswered = []
})
afterAll(async () => {
  receiver?.close()
  await api?.stop()
})

const resize = async (more: object = {}) => ({
  type: 'resize',
  width: 8,
  input: { base64: await base64() },
  webhook: url,
  ...more,
})

it('reports a finished job, signed', async () => {
  const job = await api.finish(await resize())
  await expect.poll(() => heard.length).toBe(1)
  const { headers, body } = heard[0]!
  const message = new Webhook(secret).verify(body, headers as Record<string, string>)
  expect(message).toEqual({
    type: 'job.succeeded',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: {
      id: job.id,
      type: 'resize',
      status: 'succeeded',
      url: `https://mosaics.example/v1/jobs/${job.id}`,
    },
  })
  expect(() =>
    new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(body, headers as never),
  ).toThrow()
})

it('reports a failed job, and retries with the same ID until it is acknowledged', async () => {
  answers = [503, 204]
  const { id } = await api.finish(await resize({ input: { url: `${new URL(url).origin}/nothing-there` } }))
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(2)
  const [first, second] = heard
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
  expect(JSON.parse(second!.body)).toMatchObject({
    type: 'job.failed',
    data: { id, status: 'failed', error: { code: expect.any(String), message: expect.any(String) } },
  })
})

it('does not keep its job from being reset to its last workflow task, as in the Web UI', async () => {
  const { id } = await api.finish(await resize())
  const { client } = api
  const ended = await client.workflow.getHandle(id).describe()
  const { events } = await client.workflow.getHandle(id).fetchHistory()
  const last = events!.findLast((event) => event.workflowTaskCompletedEventAttributes)!
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: id, runId: ended.runId },
    workflowTaskFinishEventId: last.eventId!,
    reason: 'by hand',
    requestId: 'by hand',
  })
  expect(await client.workflow.getHandle(id, runId).result()).toMatchObject({ width: 8 })
})

it('follows no redirects, and calls no private addresses', async () => {
  answers = [307]
  const { id } = await api.finish(await resize())
  await expect.poll(() => heard.length).toBe(1)
  const told = async (job: string) => {
    for await (const { workflowId, status } of api.client.workflow.list({
      query: `WorkflowType = 'webhook'`,
    }))
      if (workflowId.startsWith(`webhook-${job}`)) return status.name
    return undefined
  }
  await expect.poll(() => told(id), { timeout: 10_000 }).toBe('FAILED')
  const inward = await api.finish(await resize({ webhook: 'http://127.0.0.1:1/' }))
  await expect.poll(() => told(inward.id), { timeout: 10_000 }).toBe('FAILED')
})

it('does not keep photos from being downloaded while receivers do not answer', async () => {
  answers = []
  const { slots } = queueServices.download
  const jobs = Array.from({ length: slots }, async () => api.finish(await resize()))
  await Promise.all(jobs)
  await expect.poll(() => unanswered.length, { timeout: 10_000 }).toBe(slots)
  const { status } = await api.finish(
    await resize({ input: { url: `${new URL(url).origin}/nothing-there` }, webhook: undefined }),
  )
  expect(status).toBe('failed')
  expect(unanswered).toHaveLength(slots)
  for (const response of unanswered) response.writeHead(204).end()
})

it('is part of a request’s identity', async () => {
  const key = { 'Idempotency-Key': 'with a webhook' }
  expect((await api.post('/v1/jobs', await resize(), key)).status).toBe(202)
  const other = await api.post('/v1/jobs', await resize({ webhook: undefined }), key)
  expect(await problemOf(other)).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
})

it('is rejected without a secret to sign it, and if it is not a valid URL', async () => {
  const { environment } = api.deps
  const { webhookSecret: _, ...without } = environment
  const answer = await api.with({ environment: without }).post('/v1/jobs', await resize())
  expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'webhooks_off' })
  const wrong = await api.post('/v1/jobs', await resize({ webhook: 'ftp://example.org' }))
  expect(await problemOf(wrong)).toMatchObject({
    status: 422,
    errors: [{ pointer: '/webhook', detail: expect.stringContaining('http or https') }],
  })
  // It could never be delivered: URLs with user and password are not fetched.
  const named = await api.post('/v1/jobs', await resize({ webhook: 'https://ada:secret@example.org/' }))
  expect(await problemOf(named)).toMatchObject({
    ...{ status: 422, code: 'invalid_url' },
    errors: [{ pointer: '/webhook', detail: expect.not.stringContaining('secret') }],
  })
})
