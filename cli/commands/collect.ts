import { Command } from 'commander'
import type { Collector } from '../../api/client.ts'
import { wholeNumber } from '../option-values.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

interface StartOptions extends Remote {
  library: string
  network: string
  dailyReads?: number
  language?: string[]
  smallestSide?: number
  tilesAtMost?: number
  json?: boolean
}

export const collectCommand = new Command('collect')
  .description('fill tile libraries with photos posted under hashtags')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme collect start clouds sky --library clouds --daily-reads 500
  mosaicme collect list
  mosaicme collect pause collector-x-clouds

Networks charge for each post that is read: a collector pauses for the day when its budget is spent.
`,
  )

collectCommand
  .command('start')
  .description('start a collector, or reconfigure the one of this library')
  .argument('<hashtag...>', 'with or without #')
  .requiredOption('-l, --library <name>', 'the tile library to fill')
  .option('--network <name>', 'which social network', 'x')
  .option('--daily-reads <n>', 'maximum number of posts read per day (default: 200)', wholeNumber)
  .option('--language <code...>', 'only posts in these languages, such as en de')
  .option('--smallest-side <pixels>', "minimum length of a photo's shorter side (default: 200)", wholeNumber)
  .option('--tiles-at-most <n>', 'stop when the library has this many tiles (default: 50000)', wholeNumber)
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async (hashtags: string[], options: StartOptions) => {
    const {
      library,
      network,
      dailyReads,
      language,
      smallestSide,
      tilesAtMost,
      json = false,
      ...remote
    } = options
    const body = {
      ...{ network, hashtags, library },
      daily_reads: dailyReads,
      languages: language,
      smallest_side: smallestSide,
      tiles_at_most: tilesAtMost,
    }
    const answer = await call(remote, 'v1/collectors', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    say((await answer.json()) as Collector, json)
  })

for (const [verb, description] of [
  ['pause', 'pause a collector'],
  ['resume', 'resume a paused collector'],
  ['stop', 'stop a collector; its library stays'],
] as const) {
  collectCommand
    .command(verb)
    .description(description)
    .argument('<id>', 'as listed by `collect list`')
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, { json = false, ...remote }: Remote & { json?: boolean }) => {
      const path = `v1/collectors/${encodeURIComponent(id)}/${verb}`
      say((await (await call(remote, path, { method: 'POST' })).json()) as Collector, json)
    })
}

collectCommand
  .command('list')
  .description('list collectors')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async ({ json = false, ...remote }: Remote & { json?: boolean }) => {
    const { data } = (await (await call(remote, 'v1/collectors')).json()) as { data: Collector[] }
    if (json) console.log(JSON.stringify(data))
    else if (data.length === 0)
      console.log('There is no collector yet: mosaicme collect start HASHTAG --library NAME')
    else for (const one of data) say(one, false)
  })

function say(collector: Collector, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(collector))
    return
  }
  const { id, status, hashtags, library, daily_reads, reads_today, added, reason } = collector
  const tags = hashtags.map((tag) => `#${tag}`).join(' ')
  console.log(
    `${id}: ${status}, ${tags} into ${library}, ${added} tiles added, ${reads_today} of ${daily_reads} reads today`,
  )
  if (reason !== undefined) console.log(reason)
}
