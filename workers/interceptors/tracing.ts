/** Tracing in workers: interceptors for activities, and a sink for workflows, whose sandboxed code cannot send spans itself. */
import type { WorkflowClientInterceptor } from '@temporalio/client'
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker'
import type { Tracing } from '../../adapters/tracing.ts'

export interface Traced {
  activity: ActivityInterceptorsFactory[]
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK declares it.
  sinks?: InjectedSinks<any>
}

/** OpenTelemetry is only loaded if tracing is on. */
export async function traced(tracing: Tracing | undefined): Promise<Traced> {
  if (!tracing) return { activity: [] }
  const {
    makeWorkflowExporter,
    OpenTelemetryActivityInboundInterceptor,
    OpenTelemetryActivityOutboundInterceptor,
  } = await import('@temporalio/interceptors-opentelemetry/lib/worker/index.js')
  return {
    activity: [
      (context) => ({
        inbound: new OpenTelemetryActivityInboundInterceptor(context),
        outbound: new OpenTelemetryActivityOutboundInterceptor(context),
      }),
    ],
    sinks: { exporter: makeWorkflowExporter(tracing.processor, tracing.resource) },
  }
}

/** For clients that start workflows, so that their spans belong to the request's trace. */
export async function tracedClient(tracing: Tracing | undefined): Promise<WorkflowClientInterceptor[]> {
  if (!tracing) return []
  const { OpenTelemetryWorkflowClientInterceptor } = await import(
    '@temporalio/interceptors-opentelemetry/lib/client/index.js'
  )
  return [new OpenTelemetryWorkflowClientInterceptor()]
}
