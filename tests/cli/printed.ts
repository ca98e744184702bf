/** What commands print in the tests around the call, a line each. Their exit code is not that of the run. */
import { afterEach, beforeEach, vi } from 'vitest'

export function printed(): { out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []]
  beforeEach(() => {
    out.length = 0
    err.length = 0
    vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)))
    vi.spyOn(console, 'error').mockImplementation((line) => void err.push(String(line)))
  })
  afterEach(() => {
    process.exitCode = undefined
  })
  return { out, err }
}
