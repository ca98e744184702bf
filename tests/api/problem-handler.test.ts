/** What becomes of errors that no route has a word for. */
import { Metadata, status } from '@grpc/grpc-js'
import { ServiceError } from '@temporalio/client'
import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { ApiEnv } from '../../api/dependencies.ts'
import { problemHandler } from '../../api/problem-handler.ts'
import { problemOf } from './api.ts'

async function answerTo(error: unknown): Promise<Response> {
  const app = new Hono<ApiEnv>()
  app.onError(problemHandler(pino({ level: 'silent' })))
  app.get('/', () => {
    throw error
  })
  return await app.request('/')
}

/** As the client throws it: around what gRPC said, which the native core tells in the message alone. */
const temporalSays = (code: number, said: string, core: 'native' | 'grpc-js' = 'grpc-js') =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(core === 'native' ? said : `${code} ${status[code]}: ${said}`), {
      ...{ code, details: core === 'native' ? '' : said, metadata: new Metadata() },
    }),
  })

it.each([
  ['Namespace shared has no mapping defined for search attribute JobType', 'grpc-js'],
  ['Namespace shared has no mapping defined for search attribute JobType', 'native'],
  ['search attribute JobCaller is not defined', 'grpc-js'],
] as const)(
  'a cluster that has yet to hear of search attributes, %j (%s): come again',
  async (said, core) => {
    const answer = await answerTo(temporalSays(status.INVALID_ARGUMENT, said, core))
    expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'temporal_not_ready' })
    expect(answer.headers.get('Retry-After')).toBe('5')
  },
)

it.each([
  [status.INVALID_ARGUMENT, 'WorkflowId is not set on request.', 500, 'internal', null],
  [status.UNAVAILABLE, 'connection refused', 503, 'temporal_unavailable', '5'],
  [status.DEADLINE_EXCEEDED, 'deadline', 503, 'temporal_unavailable', '5'],
  [status.CANCELLED, 'cancelled', 503, 'temporal_unavailable', '5'],
  [status.RESOURCE_EXHAUSTED, 'namespace rate limit exceeded', 429, 'overloaded', '5'],
  [status.PERMISSION_DENIED, 'Request unauthorized.', 500, 'internal', null],
])('status %i of gRPC, %j, is answered with %i %s', async (code, said, answered, problem, retryAfter) => {
  const answer = await answerTo(temporalSays(code, said))
  expect(await problemOf(answer)).toMatchObject({ status: answered, code: problem })
  expect(answer.headers.get('Retry-After')).toBe(retryAfter)
})
