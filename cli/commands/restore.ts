import { Command } from 'commander'
import { loadEnvironment } from '../../adapters/environment.ts'
import { Refusal } from '../refusal.ts'
import { RunningParts } from '../running-parts.ts'

interface Options {
  yes?: boolean
  json?: boolean
}

export const restoreCommand = new Command('restore')
  .description("resubmit the jobs that were running when Temporal's database was lost")
  .option('--yes', 'resubmit them; without it, only list them')
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme restore
  TEMPORAL_ADDRESS=127.0.0.1:7233 S3_ENDPOINT=http://127.0.0.1:9000 mosaicme restore --yes

Needs the same environment as the workers. Finished jobs are still served from the object store; unfinished ones start again
under their own IDs. Not included are resizes whose picture was in the store already, sent along or uploaded earlier: their callers
usually wait for them. See docs/backup.md.
`,
  )
  .action(async ({ yes = false, json = false }: Options) => {
    // Imported here, because help must not wait for Temporal's core.
    const { checkPayloadKeys } = await import('../../adapters/payloads/check-keys.ts')
    const { openAdapters } = await import('../open-adapters.ts')
    const { connectToTemporal } = await import('../temporal/connection.ts')
    const { createTemporalClient } = await import('../../workers/temporal-client.ts')
    const { lostJobs, submitAgain } = await import('../../api/jobs/lost-jobs.ts')
    const environment = loadEnvironment()
    const { payloadKeys } = environment
    const { address, namespace, managed } = environment.temporal
    if (managed || !address)
      throw new Refusal(
        'temporal_address_missing',
        'TEMPORAL_ADDRESS is not set: it names the Temporal server that will run the jobs. For the one that ' +
          '`mosaicme up` starts: TEMPORAL_PORT=7233 mosaicme up, then TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme restore.',
      )
    const parts = new RunningParts()
    try {
      const { store } = await openAdapters(environment, parts)
      await checkPayloadKeys(store, payloadKeys)
      const connection = await connectToTemporal(
        { ...environment.temporal, address },
        { say: (line) => console.error(line) },
      )
      parts.add('the connection to Temporal', 5_000, () => connection.close())
      const client = await createTemporalClient({ connection, namespace, payloadKeys })
      const jobs: { id: string; type: string; accepted_at: string; submitted: boolean }[] = []
      for await (const lost of lostJobs({ client, store })) {
        const { id, type, summary } = lost.job
        const accepted_at = lost.acceptedAt.toISOString()
        const submitted = yes && (await submitAgain({ client }, lost))
        jobs.push({ id, type, accepted_at, submitted })
        if (!json)
          console.log(`${submitted ? 'resubmitted' : 'lost'} ${id}, accepted ${accepted_at}: ${summary}`)
      }
      if (json) console.log(JSON.stringify({ dry_run: !yes, jobs }))
      else if (jobs.length === 0)
        console.log('Nothing is lost: every job is known to Temporal or to the object store.')
      else console.log(`${jobs.length} jobs${yes ? '.' : '; add --yes to resubmit them.'}`)
    } finally {
      await parts.stop()
    }
  })
