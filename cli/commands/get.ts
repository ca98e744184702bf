import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { describe } from '../job-report.ts'
import { apiKeyOption, call, getJob, type Remote, urlOption } from '../remote-jobs.ts'

interface Options extends Remote {
  out?: string
  part?: string
  json?: boolean
}

export const getCommand = new Command('get')
  .description('show a job, or fetch its result')
  .argument('<id>', "the job's ID")
  .option('--out <file>', 'fetch the result into this file')
  .addOption(
    new Option('--part <part>', 'which of a mosaic’s files to fetch').choices([
      'large',
      'small',
      'dzi',
      'plan',
    ]),
  )
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print the job as JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme get mosaic-01kahm5v5c3k9z8v1m6n4q2r7t
  mosaicme get mosaic-01kahm5v5c3k9z8v1m6n4q2r7t --out mosaic.jpg
  mosaicme get mosaic-01kahm5v5c3k9z8v1m6n4q2r7t --part plan --out plan.json
  mosaicme get resize-01kahm5v5c3k9z8v1m6n4q2r7t --json
`,
  )
  .action(async (id: string, { out, part, json = false, ...remote }: Options) => {
    const job = await getJob(remote, id)
    if (out !== undefined) await fetchResult(remote, id, out, part)
    console.log(json ? JSON.stringify(job) : describe(job))
    if (out !== undefined && !json) console.log(`saved as ${out}`)
  })

/** Writes the file atomically: if it exists, it is complete. */
async function fetchResult(remote: Remote, id: string, out: string, part: string | undefined): Promise<void> {
  const query = part === undefined ? '' : `?part=${part}`
  const { body } = await call(remote, `v1/jobs/${encodeURIComponent(id)}/result${query}`)
  const unfinished = `${out}.part`
  try {
    await pipeline(Readable.fromWeb(body as never), createWriteStream(unfinished))
    await rename(unfinished, out)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
