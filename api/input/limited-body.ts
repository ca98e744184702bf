/** How large a body may be. Refused before it is read where its length is told, else as soon as it is longer. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { isRead } from '../access/scopes.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { Problem, type ProblemCode } from '../problems.ts'

/**
 * Refuses a larger body.
 * @param words what the body is to be, and what to do with more, as a sentence
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

/** As told: not of one that comes in chunks. */
export function lengthOf(c: Context): number | undefined {
  const told = c.req.header('Transfer-Encoding') === undefined ? c.req.header('Content-Length') : undefined
  return told !== undefined && /^\d+$/.test(told) ? Number(told) : undefined
}

/** A hundred edits are 40 KB as they are usually written, and 200 KB with every letter escaped. */
const wordsAtMost = 256 * 1024

/** Where pictures, long lists or payloads may come in: each of these routes says how much, once it knows that it wants any of it. */
const more = [
  /^\/v1\/(jobs|bulk|tiles|uploads|previews)$/,
  /^\/v1\/tiles\/[^/]+\/print$/,
  // A mask may be among the parameters.
  /^\/v1\/jobs\/[^/]+\/replay$/,
  /^\/codec\/(.*\/)?(decode|encode)$/,
]

/** For all routes: what is asked for in words alone is short. */
export function shortBodies({
  environment,
}: Pick<ApiDependencies, 'environment'>): MiddlewareHandler<ApiEnv> {
  const limited = limitedBody(Math.min(wordsAtMost, environment.limits.bodyBytes))
  return async (c, next) => {
    const { method, path } = c.req
    return isRead(method) || more.some((one) => one.test(path)) ? await next() : await limited(c, next)
  }
}
