/** Limits the size of bodies: by Content-Length before reading, otherwise as soon as the limit is exceeded. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { isRead } from '../access/scopes.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem, type ProblemCode } from '../problems.ts'

/**
 * Rejects larger bodies.
 * @param words what the body should be, and what to do with a larger one, as parts of a sentence
 */
export const limitedBody = (
  bytes: number,
  words: { code?: ProblemCode; what?: string; instead?: string } = {},
) =>
  bodyLimit({
    maxSize: bytes,
    onError: (c) => {
      const { code = 'body_too_large', what = 'a body', instead = '' } = words
      throw new Problem(
        code,
        `Expected ${what} of at most ${bytes} bytes, received ${lengthOf(c) ?? 'more'}. ${instead}`.trimEnd(),
      )
    },
  })

/** The declared length: absent for chunked bodies. */
function lengthOf(c: Context): number | undefined {
  const told = c.req.header('Transfer-Encoding') === undefined ? c.req.header('Content-Length') : undefined
  return told !== undefined && /^\d+$/.test(told) ? Number(told) : undefined
}

/** A hundred edits take 40 KB as usually written, and 200 KB with every character escaped. */
const wordsAtMost = 256 * 1024

/** Routes that accept pictures, long lists or payloads. Each sets its own limit once it has accepted the request. */
const more = [
  /^\/v1\/(jobs|bulk|tiles|uploads|previews)$/,
  /^\/v1\/tiles\/[^/]+\/print$/,
  // The parameters may contain a mask.
  /^\/v1\/jobs\/[^/]+\/replay$/,
  /^\/codec\/(.*\/)?(decode|encode)$/,
]

/** Applies to all routes: requests without pictures are short. */
export function shortBodies({
  environment,
}: Pick<ApiDependencies, 'environment'>): MiddlewareHandler<ApiEnv> {
  const limited = limitedBody(Math.min(wordsAtMost, environment.limits.bodyBytes))
  return async (c, next) => {
    const { method, path } = c.req
    return isRead(method) || more.some((one) => one.test(path)) ? await next() : await limited(c, next)
  }
}
