import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Tracing } from '../tracing.ts'

/** Timeout, ms: an unreachable collector must not delay the end of the process. */
const patience = 5_000

/** @param endpoint OTLP over HTTP, such as `http://127.0.0.1:4318` */
export function exportSpans(endpoint: string): Tracing {
  const named = detectResourcesSync({ detectors: [envDetectorSync] })
  const resource = new Resource({ 'service.name': 'mosaicme' }).merge(named)
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: patience }), {
    exportTimeoutMillis: patience,
  })
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  return { processor, resource, stop: () => provider.shutdown() }
}
