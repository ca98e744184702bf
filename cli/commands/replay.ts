import { Command, InvalidArgumentError, Option } from 'commander'
import type { Job } from '../../api/client.ts'
import { findFailedJobs, replayAll, replayJob } from '../failed-jobs.ts'
import { describe } from '../job-report.ts'
import { Refusal } from '../refusal.ts'
import { apiKeyOption, type Remote, urlOption } from '../remote-jobs.ts'
import { watchJob } from './watch.ts'

interface Options extends Remote {
  failed?: boolean
  since: number
  type?: string
  limit: number
  all?: boolean
  yes?: boolean
  history?: string
  wait?: boolean
  json?: boolean
}

export const replayCommand = new Command('replay')
  .description('resume failed jobs at the step that failed, or replay a history against the workflow code')
  .argument('[id]', "a failed job's ID")
  .option('--wait', 'follow the job until it is finished')
  .option('--failed', 'all failed jobs; only lists them without --yes')
  .option(
    '--since <time>',
    '--failed: jobs that failed within this time, such as 90s, 30m, 1h, 2d',
    duration,
    3_600_000,
  )
  .addOption(
    new Option('--type <type>', '--failed: of this type').choices(['mosaic', 'resize', 'tiles', 'bulk']),
  )
  .option('--limit <number>', '--failed: maximum number of jobs, latest failures first', count, 100)
  .option('--all', '--failed: also those that would fail the same way again')
  .option('--yes', '--failed: replay them')
  .option('--history <file>', "instead of a job: a history (JSON) to replay against today's workflow code")
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme replay mosaic-01kahm5v5c3k9z8v1m6n4q2r7t --wait
  mosaicme replay --failed --since 1h --type mosaic
  mosaicme replay --failed --since 1h --type mosaic --yes
  mosaicme replay --history history.json

A replayed job keeps its ID and does not repeat finished steps. Jobs that are already running are left alone.
Histories come from the Temporal Web UI ("Download") or from "temporal workflow show --output json". Exits with 1 if
today's code cannot replay one.
`,
  )
  .action(async (id: string | undefined, options: Options) => {
    const { failed = false, history, url, apiKey } = options
    if ([id !== undefined, failed, history !== undefined].filter(Boolean).length !== 1)
      throw new Refusal(
        'what_to_replay',
        'Expected exactly one of these: the ID of a job, --failed, or --history.',
      )
    const remote: Remote = { url, ...(apiKey !== undefined && { apiKey }) }
    if (history !== undefined) await checkHistory(history, options)
    else if (failed) await replayFailed(remote, options)
    else await replayOne(remote, id ?? '', options)
  })

async function replayOne(remote: Remote, id: string, { wait, json = false }: Options): Promise<void> {
  const job = await replayJob(remote, id)
  if (wait) await watchJob(remote, id, json)
  else console.log(json ? JSON.stringify(job) : describe(job))
}

async function replayFailed(remote: Remote, options: Options): Promise<void> {
  const { type, since: sinceMs, limit, all = false, yes = false, json = false } = options
  const { toReplay, hopeless, more } = await findFailedJobs(remote, { type, sinceMs, limit, all })
  const results = yes ? await replayAll(remote, toReplay) : []
  const refused = results.filter((result) => result.refused !== undefined)
  if (refused.length > 0) process.exitCode = 1
  if (json) {
    const jobs = toReplay.map(({ id, error }, at) => ({ id, error, ...results[at] }))
    const left = hopeless.map(({ id, error }) => ({ id, error }))
    console.log(JSON.stringify({ dry_run: !yes, jobs, left, more }))
    return
  }
  for (const [at, job] of toReplay.entries())
    if (!results[at]?.refused) console.log(`${yes ? 'replayed' : 'would replay'} ${line(job)}`)
  for (const job of hopeless) console.log(`left ${line(job)}`)
  for (const { id, refused: why } of refused)
    console.error(`not replayed ${id}: ${why?.message} (${why?.code})`)
  console.log(summary(toReplay.length - refused.length, hopeless.length, more, yes))
}

const line = ({ id, error }: Job) =>
  error ? `${id}, failed${error.stage ? ` at ${error.stage}` : ''}: ${error.message} (${error.code})` : id

function summary(count: number, hopeless: number, more: boolean, yes: boolean): string {
  return [
    yes ? `${count} replayed.` : `${count} to replay${count > 0 ? '; add --yes to do it' : ''}.`,
    ...(more ? ['There are more than --limit.'] : []),
    ...(hopeless > 0
      ? [`${hopeless} left out: a replay would fail the same way (--all includes them).`]
      : []),
  ].join(' ')
}

async function checkHistory(file: string, { json = false }: Options): Promise<void> {
  // Imported here, because it loads Temporal's core.
  const { replayHistory } = await import('../replay-history.ts')
  const { workflow, events, failure } = await replayHistory(file)
  if (failure) process.exitCode = 1
  if (json) console.log(JSON.stringify({ file, workflow, events, replays: !failure, failure }))
  else if (failure)
    console.log(`${file}: today's code of ${workflow} cannot replay it (${failure.code}): ${failure.message}`)
  else console.log(`${file}: today's code of ${workflow} replays all of its ${events} events.`)
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  if (!number)
    throw new InvalidArgumentError('Expected a number with s, m, h or d, such as 90s, 30m, 1h or 2d.')
  return Number(number) * unitMs[unit as keyof typeof unitMs]
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000.')
  return value
}
