import { Command } from 'commander'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'
import { readQueues } from '../read-queues.ts'

export const upCommand = new Command('up')
  .description('run everything on this machine: Temporal, workers, API and pages')
  .option('--demo', 'also make a sample mosaic and a sample resize, and print their links')
  .option(
    '--queues <names>',
    `comma-separated task queues to serve in this process, or none if separate workers serve them: ${allTaskQueues.join(', ')} (default: all)`,
  )
  .addHelpText(
    'after',
    `
Examples:
  mosaicme up                          everything, kept in ./data
  mosaicme up --demo                   and two sample jobs
  PORT=8080 DATA_DIR=/srv/mosaicme mosaicme up
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme up    with a Temporal server of your own
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme up --queues none    API and pages only, next to \`mosaicme worker\`
`,
  )
  .action(async ({ demo, queues }: { demo?: boolean; queues?: string }) => {
    const served = queues === undefined ? allTaskQueues : queues.trim() === 'none' ? [] : readQueues(queues)
    // Imported here, because help must not wait for Temporal's core.
    const { up } = await import('../up.ts')
    process.exitCode = await up({ demo: demo ?? false, queues: served })
  })
