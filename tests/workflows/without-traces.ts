/**
 * Removes everything from a history that identifies the machine it was recorded on, and nothing else: the SDK's own flags
 * (`sdkMetadata`) decide how strictly it is replayed.
 */

/** Process and host, and the stacks of errors, which contain file names. */
const ofTheMachine = new Set(['identity', 'stackTrace'])

export function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([name]) => !ofTheMachine.has(name))
  const clean = Object.fromEntries(entries.map(([name, inner]) => [name, withoutTraces(inner)]))
  // A worker's sticky queue, which is named after its process and host.
  if (clean.kind === 'TASK_QUEUE_KIND_STICKY') clean.name = 'sticky'
  return clean
}
