/** Context for log lines: fields, such as job or request, added to every line written during some work. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { trace } from '@opentelemetry/api'

type Fields = Record<string, unknown>

const current = new AsyncLocalStorage<Fields>()

/** @example await withLogFields({ requestId }, next) */
export const withLogFields = <T>(fields: Fields, work: () => T): T =>
  current.run({ ...current.getStore(), ...fields }, work)

/** Adds fields learned on the way, such as a job's ID, until the end of the innermost {@link withLogFields}. */
export function addLogFields(fields: Fields): void {
  Object.assign(current.getStore() ?? {}, fields)
}

/** The fields to add to a line. The trace ID is named as in OpenTelemetry's log model. */
export function logFields(): Fields {
  const span = trace.getActiveSpan()?.spanContext()
  return { ...current.getStore(), ...(span && { trace_id: span.traceId, span_id: span.spanId }) }
}
