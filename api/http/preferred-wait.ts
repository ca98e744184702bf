import { Problem } from '../problems.ts'

/** Seconds. Proxies close connections that wait longer. */
const longest = 60

/**
 * `Prefer: wait=N` (RFC 7240, section 4.3) in seconds, capped at 60; `undefined` if absent. Unknown preferences are ignored, as
 * the RFC demands; a wait that is not a number is an error.
 */
export function preferredWait(prefer: string | undefined): number | undefined {
  const wait = prefer
    ?.split(/[,;]/)
    .map((part) => part.trim().split(/\s*=\s*/))
    .find(([name]) => name?.toLowerCase() === 'wait')
  if (wait === undefined) return undefined
  const seconds = wait[1]?.replace(/^"(.*)"$/, '$1') ?? ''
  if (!/^\d{1,9}$/.test(seconds))
    throw new Problem(
      'invalid_header',
      `Expected \`Prefer: wait=N\` with N a whole number of seconds, received ${JSON.stringify(prefer)}.`,
    )
  return Math.min(Number(seconds), longest)
}
