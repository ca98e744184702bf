/** Parses task queues from the command line. */
import { allTaskQueues, type TaskQueue } from '../workflows/contract/task-queues.ts'
import { Refusal } from './refusal.ts'

/** @param text comma-separated names @throws {Refusal} `unknown_queue` */
export function readQueues(text: string): TaskQueue[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.filter((name) => !(allTaskQueues as readonly string[]).includes(name))
  if (unknown.length > 0 || names.length === 0) {
    throw new Refusal(
      'unknown_queue',
      `Expected --queues to name task queues, got ${unknown.join(', ') || 'nothing'}. Known ones: ${allTaskQueues.join(', ')}.`,
    )
  }
  return [...new Set(names)] as TaskQueue[]
}
