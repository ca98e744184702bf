import { Command } from 'commander'
import { describe, showProgress } from '../job-report.ts'
import { apiKeyOption, followJob, type Remote, urlOption } from '../remote-jobs.ts'

export const watchCommand = new Command('watch')
  .description('follow a job until it is finished')
  .argument('<id>', "the job's ID")
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print the job as one line of JSON whenever it changes')
  .addHelpText(
    'after',
    `
Exits with 0 if the job succeeded, otherwise with 1.

Examples:
  mosaicme watch mosaic-01kahm5v5c3k9z8v1m6n4q2r7t
  mosaicme watch resize-01kahm5v5c3k9z8v1m6n4q2r7t --json --url https://mosaics.example
`,
  )
  .action(async (id: string, { json = false, ...remote }: Remote & { json?: boolean }) => {
    await watchJob(remote, id, json)
  })

/** Follows the job to its end and prints the outcome. The command fails if the job did not succeed. */
export async function watchJob(remote: Remote, id: string, json: boolean): Promise<void> {
  let last: Awaited<ReturnType<typeof showProgress>>
  if (json) {
    for await (const job of followJob(remote, id)) {
      console.log(JSON.stringify(job))
      last = job
    }
  } else {
    last = await showProgress(followJob(remote, id))
    if (last) console.log(describe(last))
  }
  if (last?.status !== 'succeeded') process.exitCode = 1
}
