import { Command, InvalidArgumentError } from 'commander'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'

const hours = (text: string): number => {
  const value = Number(text)
  if (!(value > 0 && value <= 24)) throw new InvalidArgumentError('Expected a number of hours, 24 at most.')
  return value
}

export const codecUrlCommand = new Command('codec-url')
  .description('sign a URL with which the Temporal Web UI can decrypt payloads')
  .option('--hours <n>', 'how long it is valid, 24 at most', hours, 1)
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme codec-url --url https://mosaics.example --api-key mmk_...
  mosaicme codec-url --hours 8

Enter it in the Web UI under Codec Server. Anybody who has it and can read Temporal can read payloads until it expires, so treat
it as a key. This requires an API key with the scope operate, and LINK_KEY in the service's environment.
`,
  )
  .action(async ({ hours, json = false, ...remote }: Remote & { hours: number; json?: boolean }) => {
    const answer = await call(remote, 'codec/links', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ expires_in: Math.ceil(hours * 3600) }),
    })
    const link = (await answer.json()) as { endpoint: string; expires_at: string }
    if (json) return console.log(JSON.stringify(link))
    console.log(link.endpoint)
    console.error(`Valid until ${link.expires_at}.`)
  })
