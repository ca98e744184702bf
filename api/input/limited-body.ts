import { bodyLimit } from 'hono/body-limit'
import { Problem } from '../problems.ts'

/** Refuses a larger body before it is read. @param instead what to do with more, as a sentence */
export const limitedBody = (bytes: number, instead?: string) =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new Problem(
        'body_too_large',
        `Expected a body of at most ${bytes} bytes.${instead === undefined ? '' : ` ${instead}`}`,
      )
    },
  })
