/** The games: commands that break something and count what happened. */
import { readFile } from 'node:fs/promises'
import type { ChaosCounts, ChaosEvent } from '../chaos/chaos.ts'
import type { FuzzCounts } from '../fuzz/fuzz.ts'
import type { OverloadCounts } from '../overload/overload.ts'
import type { SoakCounts } from '../soak/soak.ts'
import type { SteadyCounts } from '../steady/verdict.ts'
import type { Row } from './table.ts'

export interface Game {
  /** Arguments for `node`; counts go to `file` as JSON. */
  command: (file: string, options: { jobs: number; tries: number; minutes: number }) => string[]
  /** The caller adds `day`. */
  row: (counts: never) => Omit<Row, 'game' | 'day'>
}

const tsx = 'node_modules/tsx/dist/cli.mjs'
const vitest = 'node_modules/vitest/vitest.mjs'

const nothing = (lost: Record<string, number>): string => {
  const some = Object.entries(lost).filter(([, count]) => count > 0)
  return some.length === 0 ? 'nothing' : some.map(([what, count]) => `**${count} ${what}**`).join(', ')
}

interface Tested {
  numTotalTests: number
  numPassedTests: number
}

/** Tests that break something once, at a certain moment, and check what is left. */
const tests = (tried: string, ...files: string[]): Game => ({
  command: (file) => [vitest, 'run', ...files, '--reporter=json', `--outputFile=${file}`],
  row: ({ numTotalTests, numPassedTests }: Tested) => ({
    ...{ tried, often: `${numTotalTests} tests` },
    lost: nothing({ 'tests failed': numTotalTests - numPassedTests }),
  }),
})

const killed: Partial<Record<ChaosEvent, string>> = {
  ...{ temporal: 'Temporal', api: 'API', store: 'store', cache: 'cache' },
}
const otherEvents: Partial<Record<ChaosEvent, string>> = {
  ...{ flush: 'Redis emptied', disk: 'disk full', deploy: 'new build deployed' },
}

/** What chaos did, in words. */
function violenceOf(events: readonly ChaosEvent[]): string {
  const ends = ['workers', ...events.flatMap((event) => killed[event] ?? [])]
  const others = events.flatMap((event) => otherEvents[event] ?? [])
  // British English: no comma before "and".
  const listed = new Intl.ListFormat('en-GB').format(ends)
  return [`${listed} killed (SIGKILL)`, others.join(', ')].filter((part) => part !== '').join('; ')
}

export const games: Record<string, Game> = {
  chaos: {
    command: (file, { jobs }) => [tsx, 'tests/chaos/main.ts', '--jobs', String(jobs), '--json', file],
    row: (counts: ChaosCounts) => ({
      tried:
        `${violenceOf(counts.events)}; requests to S3 that fail, hang or are cut ` +
        `(${Object.entries(counts.s3Faults)
          .map(([fault, count]) => `${fault}: ${count}`)
          .join(', ')})`,
      often: `${counts.jobs} jobs, ${counts.workersKilled} workers killed, in ${Math.round(counts.seconds / 60)} min`,
      lost: nothing({
        'jobs lost': counts.jobs - counts.succeeded,
        'jobs with other bytes than on a calm day': counts.different,
        'jobs twice': counts.repeatedJobs,
        'steps twice': counts.repeatedSteps,
        orphans: counts.orphans.length,
        'mosaics missing in the gallery': counts.mosaics - counts.inGallery,
        'files left': counts.leftFiles.length,
        'processes left': counts.leftProcesses.length,
      }),
    }),
  },
  soak: {
    command: (file) => [tsx, 'tests/soak/main.ts', '--json', file],
    row: (counts: SoakCounts) => ({
      tried: `X that fails in every way, listeners and publishers killed ${counts.kills} times`,
      often: `${counts.posts} posts in ${Math.round(counts.seconds / 60)} min`,
      lost: nothing({
        'posts without a mosaic': counts.withoutMosaic,
        'posts without an answer': counts.unanswered,
        'posts answered twice': counts.twice,
      }),
    }),
  },
  overload: {
    command: (file) => [tsx, 'tests/overload/main.ts', '--json', file],
    row: ({ times, floods, readyAfterwards, seconds }: OverloadCounts) => {
      const sum = (count: (flood: OverloadCounts['floods'][number]) => number) =>
        floods.reduce((all, flood) => all + count(flood), 0)
      return {
        tried: `${times} times what it can do, of ${floods.map(({ what }) => what).join(', ')}; \`/readyz\` asked meanwhile`,
        often:
          `${sum(({ asked }) => asked)} asked for, ${sum(({ accepted }) => accepted)} accepted, ` +
          `${sum(({ refused }) => refused)} refused with 429, ${sum(({ unavailable }) => unavailable)} with 503, in ` +
          `${Math.round(seconds / 60)} min`,
        lost: nothing({
          'accepted, and not done': sum(({ lost }) => lost.length),
          'refused without a time to come back': sum(({ withoutRetryAfter }) => withoutRetryAfter),
          'answers of another kind': sum(({ otherAnswers }) => otherAnswers.length),
          'floods that readiness did not tell of': sum(({ silent }) => (silent ? 1 : 0)),
          'not ready afterwards': readyAfterwards ? 0 : 1,
        }),
      }
    },
  },
  steady: {
    command: (file, { minutes }) => [
      ...[tsx, 'tests/steady/main.ts', '--minutes', String(minutes), '--json', file],
    ],
    row: ({ begin, end, windows, findings }: SteadyCounts) => {
      const [second, last] = [windows[2]!, windows[6]!]
      const { resizes = 0, mosaics = 0, 'large mosaics': large = 0, 'bulk jobs': bulk = 0 } = end?.done ?? {}
      const memory = ({ processes: { service, temporal } }: typeof last) =>
        `${service.rssMb} and ${temporal.rssMb} MB`
      return {
        tried:
          `${Math.round(begin.load * 100)} % of what it can do (${begin.capacity.resizes.toFixed(0)} resizes a second), at an even ` +
          'pace: resizes, mosaics, bulk jobs; a listener and an inbox beside them',
        often:
          `${resizes} resizes, ${mosaics + large} mosaics, ${bulk} bulk jobs in ${begin.minutes} min; from the second sixth to the last: ` +
          `p95 of a resize ${second.p95.toFixed(0)} to ${last.p95.toFixed(0)} ms, ` +
          `memory of the service and of Temporal ${memory(second)} to ${memory(last)}`,
        lost: nothing(Object.fromEntries(findings.map(({ what, count }) => [what, count]))),
      }
    },
  },
  fuzz: {
    command: (file, { tries }) => [tsx, 'tests/fuzz/main.ts', '--runs', String(tries), '--json', file],
    row: ({ seed, routes, names, tries, taken, refused, defects, errorsLogged, seconds }: FuzzCounts) => ({
      tried: `requests made up for ${routes} routes, values for ${names - routes} parsers (seed ${seed})`,
      often: `${tries} tries, ${taken} taken, ${refused} refused in words, in ${Math.round(seconds / 60)} min`,
      lost: nothing({ 'answers of 500 and other defects': defects, 'errors logged': errorsLogged }),
    }),
  },
  restore: tests("Temporal's database deleted while jobs are under way", 'tests/operation/restore.test.ts'),
  versions: tests(
    'a new build of the workers while jobs are held in the middle; histories of before, replayed',
    'tests/workflows/versioning.test.ts',
    'tests/workflows/replay.test.ts',
  ),
  kills: tests(
    'the process killed while it imports tiles, starts or stops',
    'tests/tiles/killed.test.ts',
    'tests/cli/sudden-end.test.ts',
  ),
  stores: tests(
    'both object stores and both caches: conditional writes that race, transfers aborted, servers killed and back',
    'tests/adapters/object-store-directory.test.ts',
    'tests/adapters/object-store-s3.test.ts',
    'tests/adapters/gallery-cache-redis.test.ts',
  ),
}

export const countsIn = async (file: string): Promise<never> =>
  JSON.parse(await readFile(file, 'utf8')) as never
