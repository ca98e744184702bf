import { Command } from 'commander'
import { loadEnvironment } from '../../adapters/environment.ts'
import { Refusal } from '../refusal.ts'
import { RunningParts } from '../running-parts.ts'

interface Options {
  yes?: boolean
  json?: boolean
}

export const restoreCommand = new Command('restore')
  .description("submit again what was under way when Temporal's database was lost")
  .option('--yes', 'do it; without it, only tell which jobs those are')
  .option('--json', 'answer with one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme restore
  TEMPORAL_ADDRESS=127.0.0.1:7233 S3_ENDPOINT=http://127.0.0.1:9000 mosaicme restore --yes

With the environment of the workers. Jobs that are over need nothing: their results answer from the object store. What was
not over begins anew under its own ID. Resizes of pictures that were sent along are not among them: whoever asked for one
was still waiting. See docs/backup.md.
`,
  )
  .action(async ({ yes = false, json = false }: Options) => {
    // Here: help must not wait for Temporal's core.
    const { checkPayloadKeys } = await import('../../adapters/payloads/check-keys.ts')
    const { openAdapters } = await import('../open-adapters.ts')
    const { connectToTemporal } = await import('../temporal-connection.ts')
    const { createTemporalClient } = await import('../../workers/temporal-client.ts')
    const { lostJobs, submitAgain } = await import('../../api/jobs/lost-jobs.ts')
    const environment = loadEnvironment()
    const { payloadKeys } = environment
    const { address, namespace, managed } = environment.temporal
    if (managed || !address)
      throw new Refusal(
        'temporal_address_missing',
        'Expected TEMPORAL_ADDRESS to name the Temporal server that is to run the jobs, got nothing. For the one that ' +
          '`mosaicme up` starts: TEMPORAL_PORT=7233 mosaicme up, then TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme restore.',
      )
    const parts = new RunningParts()
    try {
      const { store } = await openAdapters(environment, parts)
      await checkPayloadKeys(store, payloadKeys)
      const connection = await connectToTemporal({ ...environment.temporal, address })
      parts.add('the connection to Temporal', 5_000, () => connection.close())
      const client = await createTemporalClient({ connection, namespace, payloadKeys })
      const jobs: { id: string; type: string; accepted_at: string; submitted: boolean }[] = []
      for await (const lost of lostJobs({ client, store })) {
        const { id, type, summary } = lost.job
        const accepted_at = lost.acceptedAt.toISOString()
        const submitted = yes && (await submitAgain({ client }, lost))
        jobs.push({ id, type, accepted_at, submitted })
        if (!json)
          console.log(`${submitted ? 'submitted again' : 'lost'} ${id}, accepted ${accepted_at}: ${summary}`)
      }
      if (json) console.log(JSON.stringify({ dry_run: !yes, jobs }))
      else if (jobs.length === 0)
        console.log('Nothing is lost: Temporal or the object store knows every job.')
      else console.log(`${jobs.length} jobs${yes ? '.' : '; --yes submits them again.'}`)
    } finally {
      await parts.stop()
    }
  })
