/** Captures what commands print during a call, as lines, and keeps their exit code from the test run. */
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
