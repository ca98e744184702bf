import { bodyLimit } from 'hono/body-limit'
import { Problem, type ProblemCode } from '../problems.ts'

/**
 * Refuses a larger body before it is read.
 * @param words what the body is to be, and what to do with more, as a sentence
 */
export const limitedBody = (
  bytes: number,
  words: { code?: ProblemCode; what?: string; instead?: string } = {},
) =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      const { code = 'body_too_large', what = 'a body', instead = '' } = words
      throw new Problem(code, `Expected ${what} of at most ${bytes} bytes. ${instead}`.trimEnd())
    },
  })
