/** docs/reliability.md: its table is written by the games. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { games } from '../reliability/games.ts'
import { withRows } from '../reliability/table.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reliability.md'), 'utf8')
const rowsOf = (text: string) => [...text.matchAll(/^\| `([^`]+)` \|.*$/gm)]

it('describes existing games, and no losses', () => {
  const rows = rowsOf(page)
  const played = rows.map(([, game]) => game)
  expect(Object.keys(games)).toEqual(expect.arrayContaining(played))
  expect(played).toEqual(expect.arrayContaining(['chaos', 'soak', 'restore']))
  for (const [line] of rows) expect(line).toMatch(/\| nothing \| \d{4}-\d{2}-\d{2} \|$/)
})

it('changes only the row of the played game', () => {
  const row = {
    game: 'chaos',
    tried: 'this | that',
    often: 'once',
    lost: '**1 jobs lost**',
    day: '2026-01-01',
  }
  const changed = withRows(page, [row])
  expect(changed).toContain('| `chaos` | this \\| that | once | **1 jobs lost** | 2026-01-01 |')
  const others = (text: string) =>
    rowsOf(text)
      .filter(([, game]) => game !== 'chaos')
      .map(([line]) => line)
  expect(others(changed)).toEqual(others(page))
  expect(withRows(changed, [row])).toBe(changed)
  expect(() => withRows('no table', [row])).toThrow(/expected <!-- games/)
})

it('says in words what chaos did', () => {
  const tried = (events: string[]) =>
    games.chaos?.row({ events, s3Faults: { 503: 2 }, orphans: [], leftFiles: [], leftProcesses: [] } as never)
      .tried
  expect(tried(['temporal', 'flush', 'disk', 'api'])).toBe(
    'workers, Temporal and API killed (SIGKILL); Redis emptied, disk full; requests to S3 that fail, hang or are cut (503: 2)',
  )
  expect(tried([])).toMatch(/^workers killed \(SIGKILL\); requests/)
})

it('highlights losses', () => {
  const counts = {
    ...{ jobs: 10, succeeded: 9, different: 0, repeatedJobs: 0, repeatedSteps: 0, orphans: ['in/x'] },
    ...{
      mosaics: 1,
      inGallery: 1,
      leftFiles: [],
      leftProcesses: [],
      events: ['disk'],
      s3Faults: { slow: 2 },
    },
    ...{ workersKilled: 3, seconds: 60, deaths: 0 },
  }
  expect(games.chaos?.row(counts as never).lost).toBe('**1 jobs lost**, **1 orphans**')
})
