/**
 * Takes out of a history what tells of the machine that it was recorded on, and nothing else: the SDK's own marks
 * (`sdkMetadata`) decide how strictly it is replayed.
 */

/** Process and host; the stacks of errors, which name files. */
const ofTheMachine = new Set(['identity', 'stackTrace'])

export function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([name]) => !ofTheMachine.has(name))
  const clean = Object.fromEntries(entries.map(([name, inner]) => [name, withoutTraces(inner)]))
  // The queue of one worker's own, named after its process and host.
  if (clean.kind === 'TASK_QUEUE_KIND_STICKY') clean.name = 'sticky'
  return clean
}
