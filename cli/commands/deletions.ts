import { Command } from 'commander'
import type { Deletions } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

export const deletionsCommand = new Command('deletions')
  .description('look for deleted posts, and remove what was made from them')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme deletions status
  mosaicme deletions look

Posts are looked up again every day; \`look\` does it at once. What was made from deleted posts is removed from tile
libraries, mosaics, the gallery and the credits.
`,
  )

for (const [verb, method, path, description] of [
  ['status', 'GET', '', 'show what has been found so far'],
  ['look', 'POST', '/look', 'look now; shows the totals from before'],
] as const) {
  deletionsCommand
    .command(verb)
    .description(description)
    .argument('[network]', 'which network', 'x')
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .option('--json', 'print one line of JSON')
    .action(async (network: string, { json = false, ...remote }: Remote & { json?: boolean }) => {
      const answer = await call(remote, `v1/deletions/${encodeURIComponent(network)}${path}`, { method })
      const found = (await answer.json()) as Deletions
      console.log(json ? JSON.stringify(found) : describe(found))
    })
}

function describe(found: Deletions): string {
  const { network, status, reason, look_ups_per_day, looked_up, gone, tiles, mosaics, looked_at } = found
  const when = looked_at === null ? 'not yet started' : `last at ${looked_at}`
  return (
    `${network}: ${status}, ${looked_up} posts looked up, at most ${look_ups_per_day} a day, ${when}. ` +
    `${gone} had been deleted; ${tiles} tiles and ${mosaics} mosaics were removed with them.` +
    (reason === undefined ? '' : `\n${reason}`)
  )
}
