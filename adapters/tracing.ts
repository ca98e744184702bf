/** Traces, sent to an OpenTelemetry collector where one is named; nothing of them is loaded where none is. */
import type { Resource } from '@opentelemetry/resources'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Environment } from './environment.ts'

export interface Tracing {
  /** Takes the spans that workflows make in their sandbox, from where they cannot send them. */
  processor: SpanProcessor
  /** Who we are: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES. */
  resource: Resource
  /** Sends what is left, within 5 s. */
  stop(): Promise<void>
}

/**
 * From here on `@opentelemetry/api` records, in this whole process. What else OpenTelemetry's own variables say
 * (`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, ...) holds, too.
 */
export async function startTracing({
  otlpEndpoint,
}: Pick<Environment, 'otlpEndpoint'>): Promise<Tracing | undefined> {
  if (otlpEndpoint === undefined) return undefined
  const { exportSpans } = await import('./tracing/export-spans.ts')
  return exportSpans(otlpEndpoint)
}
