import { Command } from 'commander'
import type { Listener } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

interface Options extends Remote {
  json?: boolean
}

export const listenCommand = new Command('listen')
  .description('listen on a social network for posts that ask for mosaics')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme listen status
  mosaicme listen stop
  mosaicme listen start x --json

\`mosaicme up\` starts listening by itself if X_* credentials are set, unless LISTEN_MODE=off or somebody
has stopped it.
`,
  )

for (const [verb, description] of [
  ['start', 'start listening, from where it was stopped or from now on'],
  ['stop', 'stop listening; mosaics in progress are finished'],
] as const) {
  listenCommand
    .command(verb)
    .description(description)
    .argument('[network]', 'which network', 'x')
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .option('--json', 'print one line of JSON')
    .action(async (network: string, { json = false, ...remote }: Options) => {
      const answer = await call(remote, `v1/listeners/${encodeURIComponent(network)}/${verb}`, {
        method: 'POST',
      })
      const listener = (await answer.json()) as Listener
      console.log(json ? JSON.stringify(listener) : describe(listener))
    })
}

listenCommand
  .command('status')
  .description('show the listeners and their status')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .action(async ({ json = false, ...remote }: Options) => {
    const { data } = (await (await call(remote, 'v1/listeners')).json()) as { data: Listener[] }
    if (json) console.log(JSON.stringify(data))
    else if (data.length === 0)
      console.log('No account is connected: see docs/social-networks.md, then start mosaicme.')
    else for (const listener of data) console.log(describe(listener))
  })

function describe({ network, account, status, hashtag, mode, mosaics, reason, temporal }: Listener): string {
  const lines = [`@${account} on ${network}: ${status}, #${hashtag} by ${mode}, ${mosaics} mosaics started`]
  if (reason !== undefined) lines.push(reason)
  if (temporal !== undefined) lines.push(`in the Web UI ${temporal}`)
  return lines.join('\n')
}
