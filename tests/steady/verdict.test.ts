/** The criteria of a steady run. The run itself is `npm run steady`. */
import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type End, type Kind, type Line, type Run, readRun, type Sample } from './record.ts'
import { factsOf, tableOf } from './table.ts'
import { holds, judge, windowsOf } from './verdict.ts'

const each = (count: number): Record<Kind, number> => ({
  ...{ resizes: count, mosaics: count, 'large mosaics': count, 'bulk jobs': count },
})

/** An hour with a sample per minute; caches fill in the first sixth. */
const samples = Array.from({ length: 62 }, (_, minute): Sample => {
  const warm = Math.min(10, minute) / 10
  const figures = (rssMb: number) => ({ count: 1, rssMb, files: 60, cpuMs: minute * 30_000 })
  return {
    at: minute * 60,
    latencies: minute === 0 ? [] : [40, 50, 60, 70, 200],
    processes: {
      service: figures(300 + 200 * warm),
      temporal: figures(150 + 50 * warm),
      // A mosaic is composed from time to time.
      children: { count: 2, rssMb: minute % 7 === 0 ? 400 : 45, files: 20, cpuMs: 0 },
    },
    ...{ machineMs: minute * 90_000, customersMs: minute * 6_000, databaseMb: 10 * minute, open: 12 },
    standing: [{ type: 'inbox', count: 1, events: (minute * 190) % 1500, bytes: 90_000 }],
  }
})
const end: End = {
  ...{ seconds: 3_610, asked: each(100), done: each(100), compared: 40, refused: 0, stillOpen: 0 },
  histories: [{ type: 'resize', count: 100, events: 14, bytes: 5_000 }],
  ...{ storeMb: [20, 900], deaths: 0, leftFiles: [], leftProcesses: [] },
}
const calm: Run = {
  begin: {
    ...{ at: '2026-01-01T00:00:00.000Z', minutes: 60, load: 0.7, cpus: 2 },
    ...{ capacity: each(30), offered: each(20) },
  },
  ...{ samples, lost: [], end },
}

/** Only in the last sixth. */
const later = (change: (sample: Sample) => Partial<Sample>): Run => ({
  ...calm,
  samples: samples.map((sample) => (sample.at > 3_000 ? { ...sample, ...change(sample) } : sample)),
})
const ended = (change: Partial<End>): Run => ({ ...calm, end: { ...end, ...change } })
const rss =
  (process: 'service' | 'temporal', times: number) =>
  ({ processes }: Sample): Partial<Sample> => ({
    processes: {
      ...processes,
      [process]: { ...processes[process], rssMb: processes[process].rssMb * times },
    },
  })
const { end: _, ...cut } = calm

it.each<[string, Run]>([
  ['it warms up and stays as it was', calm],
  ['memory is a little more in the end', later(rss('service', 1.08))],
  [
    'one look in many shows more memory',
    {
      ...calm,
      samples: samples.map((sample) =>
        sample.at === 3_300 ? { ...sample, ...rss('service', 3)(sample) } : sample,
      ),
    },
  ],
  ['it is slower by less than half', later(() => ({ latencies: [40, 50, 60, 70, 280] }))],
  ['one job in a thousand is sent away once', ended({ asked: each(500), done: each(500), refused: 2 })],
])('is steady when %s', (_, run) => {
  expect(judge(run).filter(({ count }) => count > 0)).toEqual([])
})

it.each<[string, Run, string]>([
  ['the memory of the service climbs', later(rss('service', 1.2)), 'processes that grow'],
  ['the memory of Temporal climbs', later(rss('temporal', 1.2)), 'processes that grow'],
  [
    'files stay open',
    later(({ processes }) => ({
      processes: { ...processes, service: { ...processes.service, files: 100 } },
    })),
    'processes with more and more open files',
  ],
  ['resizes take twice as long', later(() => ({ latencies: [40, 50, 60, 70, 400] })), 'p95 that climbs'],
  [
    'each job costs more than the one before',
    later(({ at, processes }) => ({
      processes: {
        ...processes,
        service: { ...processes.service, cpuMs: processes.service.cpuMs + (at - 3_000) * 120 },
      },
    })),
    'jobs that cost more and more',
  ],
  ['no resize is answered any more', later(() => ({ latencies: [] })), 'p95 that climbs'],
  [
    'a standing workflow keeps all that it ever did',
    later(() => ({ standing: [{ type: 'inbox', count: 1, events: 2_400, bytes: 90_000 }] })),
    'histories without bound',
  ],
  [
    'a history is of few events and large',
    ended({ histories: [{ type: 'mosaic', count: 1, events: 60, bytes: 2_000_000 }] }),
    'histories without bound',
  ],
  ['a job is lost', { ...calm, lost: ['resizes, number 4: 500'] }, 'jobs lost or wrong'],
  ['a job has no end', ended({ done: { ...each(100), mosaics: 99 } }), 'jobs lost or wrong'],
  ['nothing was asked for', ended({ asked: each(0), done: each(0) }), 'jobs lost or wrong'],
  ['Temporal holds a job open', ended({ stillOpen: 1 }), 'jobs still open'],
  ['one job in a hundred is sent away', ended({ refused: 4 }), 'jobs refused'],
  ['a temporary file is left', ended({ leftFiles: ['/tmp/x'] }), 'files and processes left'],
  ['a process is left', ended({ leftProcesses: ['node'] }), 'files and processes left'],
  ['the service ended on the way', ended({ deaths: 1 }), 'ends without having been told to'],
])('is not steady when %s', (_, run, what) => {
  const broken = judge(run).filter(({ count }) => count > 0)
  expect(broken.map((finding) => finding.what)).toEqual([what])
})

it('evaluates an interrupted run by its samples, but never calls it steady', () => {
  const most = { ...cut, samples: samples.slice(0, 56) }
  const broken = judge(most).filter(({ count }) => count > 0)
  expect(broken.map(({ what }) => what)).toEqual(['runs that were cut'])
  expect(holds(broken)).toBe(false)
  const rows = tableOf(most).split('\n')
  expect(rows).toHaveLength(2 + 8)
  // Nine minutes with five resizes each.
  expect(rows[4]).toMatch(/^\| sixth 2 \| 45 \|/)
  expect(holds(judge({ ...cut, samples: [] }))).toBe(false)
})

it('says who used how much of the machine', () => {
  // One minute of two cores: 30 s each for the service and Temporal, 6 s for the customers, 90 s of CPU in all.
  expect(windowsOf(calm)[3]!.cores).toEqual({
    service: expect.closeTo(0.5),
    temporal: expect.closeTo(0.5),
    customers: expect.closeTo(0.1),
    others: expect.closeTo(0.4),
  })
})

it('reads a record up to its last complete line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-steady-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'run.jsonl')
  const write = (line: Line) => appendFileSync(file, `${JSON.stringify(line)}\n`)
  write({ begin: calm.begin })
  for (const sample of samples) write({ sample })
  write({ lost: 'bulk jobs, number 3' })
  write({ end })
  appendFileSync(file, '{"sample":{"at":36')
  const run = await readRun(file)
  expect(run).toEqual({ ...calm, lost: ['bulk jobs, number 3'] })
  expect(factsOf(run)).toContain('resize: 100 of at most 14 events, 4.9 KiB')
  appendFileSync(join(folder, 'empty'), '')
  await expect(readRun(join(folder, 'empty'))).rejects.toThrow(
    /expected .* to contain the beginning of a run/,
  )
})
