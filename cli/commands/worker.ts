import { Command } from 'commander'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'
import { readQueues } from '../read-queues.ts'

export const workerCommand = new Command('worker')
  .description('serve some task queues of a Temporal server, alongside other workers')
  .option('--queues <names>', `comma-separated task queues, of: ${allTaskQueues.join(', ')} (default: all)`)
  .addHelpText(
    'after',
    `
Examples:
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme worker --queues tile-match,compose
  TEMPORAL_ADDRESS=127.0.0.1:7233 S3_ENDPOINT=http://127.0.0.1:9000 mosaicme worker
`,
  )
  .action(async ({ queues }: { queues?: string }) => {
    const served = queues === undefined ? allTaskQueues : readQueues(queues)
    // Imported here, because help must not wait for Temporal's core.
    const { work } = await import('../work.ts')
    await work(served)
  })
