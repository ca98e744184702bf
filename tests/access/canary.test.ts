/** Canary secrets: they must not appear in logs, histories, memos or responses. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { createLogger, secretsOf } from '../../adapters/logger.ts'
import type { Job } from '../../api/client.ts'
import { type Api, base64, startApi } from '../api/api.ts'

const canary = (what: string) => `canary-of-${what}-0123456789abcdef`
const key = canary('key')
const env = {
  API_KEYS: `ada:submit+read:${key}`,
  LINK_KEY: Buffer.from(canary('link')).toString('hex'),
  WEBHOOK_SECRET: `whsec_${Buffer.from(canary('webhook')).toString('base64')}`,
  REDIS_URL: `redis://:${canary('redis')}@127.0.0.1:6379/0`,
}
/** Raw, and in common encodings. */
const secrets = [key, env.LINK_KEY, env.WEBHOOK_SECRET, canary('link'), canary('webhook'), canary('redis')]

let api: Api
const log: string[] = []
beforeAll(async () => {
  const started = await startApi(env, { webhookSecret: env.WEBHOOK_SECRET })
  const logger = createLogger({
    level: 'trace',
    secrets: secretsOf(loadEnvironment(env), env),
    destination: { write: (line) => void log.push(line) },
  })
  api = started.with({ logger })
})
afterAll(async () => await api?.stop())

it('no secret appears in logs, histories, memos or responses', async () => {
  const Authorization = `Bearer ${key}`
  const said: string[] = []
  const begun = new Date().toISOString()
  const ask = async (path: string, body?: object) => {
    const answer = body
      ? await api.post(path, body, { Authorization, Prefer: 'wait=20', 'Idempotency-Key': 'one' })
      : await api.request(path, { headers: { Authorization } })
    said.push(await answer.clone().text(), JSON.stringify([...answer.headers]))
    return answer
  }
  const order = { type: 'resize', width: 9, webhook: 'http://127.0.0.1:9/hook' }
  const made = (await (await ask('/v1/jobs', { ...order, input: { base64: await base64() } })).json()) as Job
  await ask('/v1/jobs', { ...order, input: { url: 'http://127.0.0.1:9/photo.jpg' } })
  for (const path of [
    `/v1/jobs/${made.id}`,
    '/v1/jobs',
    `/v1/jobs/${made.id}/steps`,
    '/openapi.json',
    '/metrics',
    '/readyz',
  ])
    await ask(path)
  // Failures may reveal the environment.
  api.deps.logger.error(
    { err: new Error(`connect to ${env.REDIS_URL}`), headers: { authorization: Authorization } },
    key,
  )
  api.deps.logger.warn({ environment: loadEnvironment(env), env }, `sent with ${Authorization}`)

  const histories: string[] = []
  // Only this suite's: those of others may be deleted by now.
  for await (const { workflowId, runId } of api.client.workflow.list({
    query: `WorkflowType IN ('resize', 'webhook') AND StartTime >= '${begun}'`,
  })) {
    const history = await api.client.workflow.getHandle(workflowId, runId).fetchHistory()
    const description = await api.client.workflow.getHandle(workflowId, runId).describe()
    histories.push(readable(history), readable(description.raw))
  }
  expect(histories.length).toBeGreaterThan(2)
  expect(histories.join()).toContain(made.id)
  expect(log.length).toBeGreaterThan(1)
  for (const secret of secrets) {
    expect(log.join('\n')).not.toContain(secret)
    expect(histories.join('\n')).not.toContain(secret)
    expect(said.join('\n')).not.toContain(secret)
  }
})

/** Makes payload bytes searchable as text. */
const readable = (value: unknown) =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString()
    const { type, data } = (inner ?? {}) as { type?: string; data?: number[] }
    return type === 'Buffer' && data ? Buffer.from(data).toString() : inner
  })
