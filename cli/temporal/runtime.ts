/** Temporal's native core in this process: logs through our logger, and leaves signals to us. */
import { DefaultLogger, type LogEntry, Runtime, type TelemetryOptions } from '@temporalio/worker'
import type { Environment } from '../../adapters/environment.ts'
import type { Logger } from '../../adapters/logger.ts'
import { jobOfWorkflow } from '../../workflows/contract/job-of-workflow.ts'

/** Call it once per process, before the first connection. */
export function installTemporalRuntime(environment: Environment, logger: Logger): void {
  Runtime.install({
    // By default, signals stop the workers at once, but we choose the order in which parts stop.
    shutdownSignals: [],
    logger: new DefaultLogger('TRACE', (entry) => {
      logger[ownLevel(entry)](ownFields(entry), entry.message)
    }),
    telemetryOptions: {
      logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} },
      ...metricsOf(environment),
    },
  })
}

/** A resize takes tens of milliseconds, a bulk job may take an hour. */
const jobSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]

/** The core supports one exporter. An explicitly configured port takes precedence. */
function metricsOf({
  metricsPort,
  otlpEndpoint,
  otlpMetricsEveryMs,
  http,
}: Environment): Pick<TelemetryOptions, 'metrics'> {
  if (metricsPort !== undefined) {
    const bindAddress = `${http.host === 'localhost' ? '127.0.0.1' : http.host}:${metricsPort}`
    // Names and units follow https://prometheus.io/docs/practices/naming/
    const buckets = { mosaicme_job_duration_seconds: jobSeconds }
    const named = {
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: buckets,
    }
    return { metrics: { prometheus: { bindAddress, ...named } } }
  }
  if (otlpEndpoint === undefined) return {}
  const url = `${otlpEndpoint.replace(/\/$/, '')}/v1/metrics`
  const otel = { url, http: true, useSecondsForDurations: true, metricsExportInterval: otlpMetricsEveryMs }
  return { metrics: { otel } }
}

/** Lowers the level of messages about workers starting and stopping, which are for developers. */
function ownLevel({ level, message, meta }: LogEntry) {
  // Most of our queues serve activities only, on purpose.
  const expected = /^No .* registered, not polling/.test(message)
  const ofWorker = meta?.sdkComponent === 'worker' || meta?.sdkComponent === 'core'
  return expected || (level === 'INFO' && ofWorker)
    ? 'debug'
    : (level.toLowerCase() as Lowercase<LogEntry['level']>)
}

/** Uses the field names of our own log lines, so that lines of workflows and steps carry their job. */
function ownFields({ meta = {} }: LogEntry): Record<string, unknown> {
  const { workflowId, activityType: step, taskQueue: queue, ...rest } = meta
  delete rest.namespace
  delete rest.taskToken
  return {
    ...(typeof workflowId === 'string' && { job: jobOfWorkflow(workflowId) }),
    ...(step !== undefined && { step }),
    ...(queue !== undefined && { queue }),
    ...rest,
  }
}
