/** Fields that every line of the log gets that is written while something is done: which job, which request. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { trace } from '@opentelemetry/api'

type Fields = Record<string, unknown>

const current = new AsyncLocalStorage<Fields>()

/** @example await withLogFields({ requestId }, next) */
export const withLogFields = <T>(fields: Fields, work: () => T): T =>
  current.run({ ...current.getStore(), ...fields }, work)

/** For what is learned on the way, such as the ID of a job: from here to the end of the innermost {@link withLogFields}. */
export function addLogFields(fields: Fields): void {
  Object.assign(current.getStore() ?? {}, fields)
}

/** What a line gets beside its own. The trace's ID as OpenTelemetry's log model names it. */
export function logFields(): Fields {
  const span = trace.getActiveSpan()?.spanContext()
  return { ...current.getStore(), ...(span && { trace_id: span.traceId, span_id: span.spanId }) }
}
