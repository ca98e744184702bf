/** Sends traces to an OpenTelemetry collector if one is configured; otherwise nothing is loaded. */
import type { Resource } from '@opentelemetry/resources'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Environment } from './environment.ts'

export interface Tracing {
  /** Receives spans from the workflow sandbox, which cannot send them itself. */
  processor: SpanProcessor
  /** Our identity: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES. */
  resource: Resource
  /** Sends remaining spans, within 5 s. */
  stop(): Promise<void>
}

/**
 * Makes `@opentelemetry/api` record in this whole process. OpenTelemetry's other variables (`OTEL_TRACES_SAMPLER`,
 * `OTEL_EXPORTER_OTLP_HEADERS`, ...) apply, too.
 */
export async function startTracing({
  otlpEndpoint,
}: Pick<Environment, 'otlpEndpoint'>): Promise<Tracing | undefined> {
  if (otlpEndpoint === undefined) return undefined
  const { exportSpans } = await import('./tracing/export-spans.ts')
  return exportSpans(otlpEndpoint)
}
