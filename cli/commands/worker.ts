import { Command } from 'commander'
import { allTaskQueues, type TaskQueue } from '../../workflows/contract/task-queues.ts'
import { Refusal } from '../refusal.ts'

export const workerCommand = new Command('worker')
  .description('serve some task queues of a Temporal server, beside other workers')
  .option(
    '--queues <names>',
    `task queues with commas between them, of: ${allTaskQueues.join(', ')} (default: all)`,
  )
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
    // Loaded here: help must not wait for Temporal's core.
    const { work } = await import('../work.ts')
    await work(served)
  })

/** @throws {Refusal} `unknown_queue` */
export function readQueues(text: string): TaskQueue[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.filter((name) => !(allTaskQueues as readonly string[]).includes(name))
  if (unknown.length > 0 || names.length === 0) {
    throw new Refusal(
      'unknown_queue',
      `Expected --queues to name task queues, got ${unknown.join(', ') || 'nothing'}. The known ones: ${allTaskQueues.join(', ')}.`,
    )
  }
  return [...new Set(names)] as TaskQueue[]
}
