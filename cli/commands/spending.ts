import { Command, InvalidArgumentError } from 'commander'
import type { Spending } from '../../api/client.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

const days = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 31)
    throw new InvalidArgumentError('Expected a number of days, 1 to 31.')
  return value
}

export const spendingCommand = new Command('spending')
  .description('show what social networks have cost, by day (UTC)')
  .option('--days <n>', 'number of days, up to and including today', days, 1)
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme spending
  mosaicme spending --days 7 --json

Reading and replying stop for the day when X_DAILY_BUDGET_USD is reached.
`,
  )
  .action(async ({ days, json = false, ...remote }: Remote & { days: number; json?: boolean }) => {
    const { data } = (await (await call(remote, `v1/spending?days=${days}`)).json()) as { data: Spending[] }
    if (json) return console.log(JSON.stringify(data))
    if (data.length === 0) return console.log('No connected network charges for its calls.')
    for (const { network, day, usd, cap_usd, usd_per_answer, calls } of data) {
      const each = usd_per_answer === null ? '' : `, $${usd_per_answer.toFixed(3)} per reply`
      console.log(`${day}  ${network}: $${usd.toFixed(2)} of $${cap_usd}${each}`)
      for (const [call, times] of Object.entries(calls)) console.log(`    ${times} ${call.replace('_', ' ')}`)
    }
  })
