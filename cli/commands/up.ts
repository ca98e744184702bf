import { Command } from 'commander'

export const upCommand = new Command('up')
  .description('run everything on this machine: Temporal, workers, API and pages')
  .option('--demo', 'also make a sample mosaic and a sample resize, and say where they are')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme up                          everything, kept in ./data
  mosaicme up --demo                   and two sample jobs
  PORT=8080 DATA_DIR=/srv/mosaicme mosaicme up
  TEMPORAL_ADDRESS=127.0.0.1:7233 mosaicme up    with a Temporal server of your own
`,
  )
  .action(async (options: { demo?: boolean }) => {
    // Loaded here: help must not wait for Temporal's core.
    const { up } = await import('../up.ts')
    process.exitCode = await up(options)
  })
