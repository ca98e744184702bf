import { Argument, Command, Option } from 'commander'
import type { AuditEntry, Review } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

interface Options extends Remote {
  json?: boolean
}

export const moderateCommand = new Command('moderate')
  .description('approve or reject waiting pictures, and block handles and words')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme moderate list
  mosaicme moderate approve tile-5f0c...
  mosaicme moderate block handle someone
  mosaicme moderate log

With MODERATE=tiles,mosaics, pictures wait for approval. Blocking only affects new posts; to remove existing tiles:
mosaicme tiles rm LIBRARY --author HANDLE
`,
  )

const jsonOption = new Option('--json', 'print one line of JSON')

/** A command that calls a running mosaicme, with the options that all of them share. */
const remoteCommand = (name: string, description: string) =>
  moderateCommand
    .command(name)
    .description(description)
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .addOption(jsonOption)

remoteCommand('list', 'list the first 100 waiting pictures').action(
  async ({ json = false, ...remote }: Options) => {
    const page = (await (await call(remote, 'v1/moderation?limit=100')).json()) as {
      data: Review[]
      has_more: boolean
    }
    if (json) return console.log(JSON.stringify(page.data))
    if (page.data.length === 0) return console.log('Nothing is waiting.')
    for (const one of page.data) console.log(describe(one))
    if (page.has_more) console.log('There are more.')
  },
)

for (const [verb, description] of [
  ['approve', 'approve pictures'],
  ['reject', 'reject pictures'],
] as const) {
  remoteCommand(verb, description)
    .argument('<id...>', 'as listed by `moderate list`')
    .action(async (ids: string[], { json = false, ...remote }: Options) => {
      for (const id of ids) {
        const path = `v1/moderation/${encodeURIComponent(id)}/${verb}`
        const decided = (await (await call(remote, path, { method: 'POST' })).json()) as {
          job: string | null
        }
        console.log(
          json ? JSON.stringify(decided) : `${id}: ${verb}${decided.job ? `, see ${decided.job}` : ''}`,
        )
      }
    })
}

remoteCommand('log', 'show the last 100 decisions').action(async ({ json = false, ...remote }: Options) => {
  const { data } = (await (await call(remote, 'v1/moderation/log?limit=100')).json()) as {
    data: AuditEntry[]
  }
  if (json) return console.log(JSON.stringify(data))
  for (const { at, by, action, subject, about } of data)
    console.log(`${at}  ${by}  ${action}  ${subject}${about ? `  ${JSON.stringify(about)}` : ''}`)
})

remoteCommand('blocked', 'list blocked handles and words').action(
  async ({ json = false, ...remote }: Options) => {
    const { data } = (await (await call(remote, 'v1/blocked')).json()) as {
      data: { kind: string; value: string }[]
    }
    if (json) return console.log(JSON.stringify(data))
    if (data.length === 0) return console.log('Nothing is blocked.')
    for (const { kind, value } of data) console.log(`${kind.padEnd(8)}${value}`)
  },
)

for (const [verb, method, description] of [
  ['block', 'PUT', 'block a handle or a word'],
  ['unblock', 'DELETE', 'unblock a handle or a word'],
] as const) {
  remoteCommand(verb, description)
    .addArgument(new Argument('<kind>', 'what it is').choices(['handle', 'word']))
    .argument('<value>')
    .action(async (kind: string, value: string, { json = false, ...remote }: Options) => {
      const path = `v1/blocked/${kind}/${encodeURIComponent(value)}`
      const entry = (await (await call(remote, path, { method })).json()) as { value: string }
      console.log(json ? JSON.stringify(entry) : `${verb}ed: ${kind} ${entry.value}`)
    })
}

function describe({ id, kind, waits_since, library, name, author, post_url, picture }: Review): string {
  const whose = author?.handle ? ` by @${author.handle}` : ''
  const what = kind === 'tile' ? `photo for ${library}: ${name}` : `mosaic for ${post_url}`
  return `${id}  since ${waits_since}\n  ${what}${whose}\n  ${picture}`
}
