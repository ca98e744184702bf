import { Problem } from '../problems.ts'

/** Seconds. Longer than this, proxies hang up. */
const longest = 60

/**
 * `Prefer: wait=N` (RFC 7240, section 4.3), in seconds and cut to 60; `undefined` when nothing is preferred.
 * Preferences that are not known are ignored, as the RFC says; a wait that is no number is told.
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
