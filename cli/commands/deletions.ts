import { Command } from 'commander'
import type { Deletions } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

export const deletionsCommand = new Command('deletions')
  .description('posts that their authors have deleted: what became of what was made of them')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme deletions status
  mosaicme deletions look

Posts are looked up again day by day; \`look\` does so at once. What is gone from the network leaves tiles, mosaics,
gallery and credits.
`,
  )

for (const [verb, method, path, description] of [
  ['status', 'GET', '', 'tell what the looks have found'],
  ['look', 'POST', '/look', 'look now; tells how it stood before'],
] as const) {
  deletionsCommand
    .command(verb)
    .description(description)
    .argument('[network]', 'which network', 'x')
    .addOption(urlOption)
    .addOption(apiKeyOption)
    .option('--json', 'answer with one line of JSON')
    .action(async (network: string, { json = false, ...remote }: Remote & { json?: boolean }) => {
      const answer = await call(remote, `v1/deletions/${encodeURIComponent(network)}${path}`, { method })
      const told = (await answer.json()) as Deletions
      console.log(json ? JSON.stringify(told) : describe(told))
    })
}

function describe(told: Deletions): string {
  const { network, look_ups_per_day, looked_up, gone, tiles, mosaics, looked_at } = told
  const when = looked_at === null ? 'nobody has looked yet' : `the last time at ${looked_at}`
  return (
    `${network}: ${looked_up} posts looked up, at most ${look_ups_per_day} a day, ${when}. ` +
    `${gone} were gone, and ${tiles} tiles and ${mosaics} mosaics with them.`
  )
}
