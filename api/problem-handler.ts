/** Turns errors thrown by routes into problem details. Bad input never results in a 500. */
import { isGrpcServiceError } from '@temporalio/client'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { GalleryCacheError } from '../adapters/gallery-cache/gallery-cache-error.ts'
import type { Logger } from '../adapters/logger.ts'
import { InvalidKey, ObjectStoreError } from '../adapters/object-store/object-store.ts'
import { PayloadError } from '../adapters/payloads/payload-error.ts'
import { withoutSignature } from './access/signed-link.ts'
import type { ApiEnv } from './dependencies.ts'
import { Problem, type ProblemCode, wrongValue } from './problems.ts'

/** gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const grpc = { cancelled: 1, deadlineExceeded: 4, resourceExhausted: 8, unavailable: 14 }
const retryAfterSeconds = '5'

export function problemHandler(logger: Logger): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const problem = toProblem(error)
    if (problem.status >= 500)
      logger.error(
        {
          err: error,
          requestId: c.get('requestId'),
          method: c.req.method,
          path: withoutSignature(c.req.path),
        },
        problem.message,
      )
    return problemResponse(c, problem)
  }
}

export const notFoundHandler: NotFoundHandler<ApiEnv> = (c) =>
  ofPrograms.test(c.req.path) || /json/.test(c.req.header('Accept') ?? '')
    ? problemResponse(c, new Problem('not_found', `There is nothing at ${c.req.path}.`))
    : c.body('<!doctype html><title>Not found</title><h1>There is nothing at this address.</h1>\n', 404, {
        'Content-Type': 'text/html; charset=utf-8',
      })

/** Other paths are for people, and for the old API's clients, which accept anything and expect a page. */
const ofPrograms = /^\/(v1|api|img|codec)(\/|$)/

export function problemResponse(c: Context, problem: Problem): Response {
  return c.body(JSON.stringify(problem), problem.status, {
    'Content-Type': 'application/problem+json',
    ...problem.headers,
  })
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException) return fromHono(error)
  if (isBrokenOff(error))
    return new Problem('bad_request', 'The connection ended before the whole body had arrived.')
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return fromTemporal(cause.code, error) ?? internal(error)
    if (cause instanceof InvalidKey) return new Problem('not_found', 'There is nothing at this address.')
    if (cause instanceof GalleryCacheError) return fromCache(cause)
    if (cause instanceof PayloadError)
      return new Problem(
        'payload_unreadable',
        'This was encrypted with a key that this server does not have; its log says which one.',
        { cause: error },
      )
    if (cause instanceof ObjectStoreError && cause.retryable)
      return unavailable('store_unavailable', 'The object store cannot be reached at the moment.', error)
  }
  return internal(error)
}

/** Node's error when a client disconnects while its body is being read: not our fault, and nobody gets the response. */
const isBrokenOff = (error: unknown) =>
  error instanceof Error && error.message === 'aborted' && (error as { code?: string }).code === 'ECONNRESET'

/** Errors thrown by Hono's own validators before a route is reached. */
function fromHono(error: HTTPException): Problem {
  if (error.status === 415)
    return new Problem('unsupported_media_type', 'This Content-Type is not supported here: see /docs.')
  if (error.status === 413) return new Problem('body_too_large', error.message || 'Expected a shorter body.')
  if (error.status === 400 && /JSON/.test(error.message))
    return new Problem(
      'invalid_json',
      'Expected a JSON body (RFC 8259), received something that cannot be parsed.',
    )
  if (error.status === 400 && /form/i.test(error.message))
    return new Problem(
      'invalid_form',
      'Expected a multipart/form-data body (RFC 7578), received something else.',
    )
  return error.status < 500
    ? new Problem('bad_request', error.message || 'The request is malformed.', { cause: error })
    : internal(error)
}

function fromCache(error: GalleryCacheError): Problem {
  if (error.retryable)
    return unavailable('cache_unavailable', 'The gallery cache cannot be reached at the moment.', error)
  return error.code === 'invalid_cursor'
    ? wrongValue('invalid_request', '?after', "Expected what an earlier page's `next` said.")
    : internal(error)
}

function fromTemporal(code: number, cause: unknown): Problem | undefined {
  if (code === grpc.resourceExhausted)
    return new Problem('overloaded', 'The workflow engine cannot accept more requests at the moment.', {
      cause,
      headers: { 'Retry-After': retryAfterSeconds },
    })
  if (code === grpc.unavailable || code === grpc.deadlineExceeded || code === grpc.cancelled)
    return unavailable('temporal_unavailable', 'The workflow engine cannot be reached at the moment.', cause)
  return undefined
}

const unavailable = (code: ProblemCode, detail: string, cause: unknown) =>
  new Problem(code, detail, { cause, headers: { 'Retry-After': retryAfterSeconds } })

const internal = (cause: unknown) =>
  new Problem('internal', 'Something went wrong here; the log has the details.', { cause })
