import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Inbox } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

interface StartOptions extends Remote {
  name: string
  library: string
  makes: string
  every?: number
  json?: boolean
}

export const inboxCommand = new Command('inbox')
  .description('watch a folder or a prefix: each new picture becomes a mosaic or a tile, once')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme inbox start /srv/scans --name scans --library family
  mosaicme inbox start inbox/booth/ --name booth --library booth --makes tiles
  mosaicme inbox list
  mosaicme inbox pause inbox-scans

Folders are on the machine where mosaicme runs, and must be in one that INBOX_FOLDERS allows. inbox/… is a prefix in the
bucket for requests (mosaic-in).
`,
  )

const seconds = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number of seconds.')
  return Number(text)
}

inboxCommand
  .command('start')
  .description('start an inbox, or reconfigure the one of this name')
  .argument('<place>', 'a folder, or inbox/SOMETHING/ in the store')
  .requiredOption('-n, --name <name>', 'name of the inbox')
  .requiredOption('-l, --library <name>', 'the tile library to make mosaics from, or to add tiles to')
  .addOption(
    new Option('--makes <what>', 'what pictures become').choices(['mosaics', 'tiles']).default('mosaics'),
  )
  .option('--every <seconds>', 'polling interval (default: 30)', seconds)
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async (place: string, options: StartOptions) => {
    const { name, library, makes, every, json = false, ...remote } = options
    const where = place.startsWith('inbox/') ? { prefix: place } : { folder: resolve(place) }
    const answer = await call(remote, 'v1/inboxes', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, ...where, makes, library, every_seconds: every }),
    })
    say((await answer.json()) as Inbox, json)
  })

for (const [verb, description] of [
  ['pause', 'pause an inbox'],
  ['resume', 'resume a paused inbox'],
  ['stop', 'stop an inbox; what it has taken stays'],
] as const) {
  inboxCommand
    .command(verb)
    .description(description)
    .argument('<id>', 'as listed by `inbox list`')
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, { json = false, ...remote }: Remote & { json?: boolean }) => {
      const path = `v1/inboxes/${encodeURIComponent(id)}/${verb}`
      say((await (await call(remote, path, { method: 'POST' })).json()) as Inbox, json)
    })
}

inboxCommand
  .command('list')
  .description('list inboxes')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async ({ json = false, ...remote }: Remote & { json?: boolean }) => {
    const { data } = (await (await call(remote, 'v1/inboxes')).json()) as { data: Inbox[] }
    if (json) console.log(JSON.stringify(data))
    else if (data.length === 0)
      console.log('There is no inbox yet: mosaicme inbox start FOLDER --name NAME --library LIBRARY')
    else for (const one of data) say(one, false)
  })

function say(inbox: Inbox, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(inbox))
    return
  }
  const { id, status, folder, prefix, makes, library, taken, skipped, last_skipped, reason } = inbox
  const into = makes === 'tiles' ? `tiles of ${library}` : `mosaics, made of ${library}`
  console.log(`${id}: ${status}, ${folder ?? prefix} becomes ${into}; ${taken} taken, ${skipped} skipped`)
  if (last_skipped) console.log(`skipped last: ${last_skipped.name}: ${last_skipped.message}`)
  if (reason !== undefined) console.log(reason)
}
