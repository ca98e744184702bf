/** Temporal's native core in this process: it logs through our log, and leaves signals to us. */
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker'
import type { Environment } from '../adapters/environment.ts'
import type { Logger } from '../adapters/logger.ts'

/** Before the first connection, once in a process. */
export function installTemporalRuntime(environment: Environment, logger: Logger): void {
  const { metricsPort, otlpEndpoint, http } = environment
  Runtime.install({
    // By default every signal stops the workers at once; the order in which parts end is ours to choose.
    shutdownSignals: [],
    logger: new DefaultLogger('TRACE', ({ level, message, meta }) => {
      logger[ownLevel(level, message)]({ ...meta }, message)
    }),
    telemetryOptions: {
      logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} },
      // The core feeds one exporter. A port that somebody set is the more deliberate wish.
      ...(metricsPort !== undefined
        ? {
            metrics: {
              prometheus: {
                bindAddress: `${http.host === 'localhost' ? '127.0.0.1' : http.host}:${metricsPort}`,
              },
            },
          }
        : otlpEndpoint !== undefined && { metrics: { otel: { url: otlpEndpoint } } }),
    },
  })
}

/** What each worker tells of its birth and its death interests us, not the person who runs it. */
function ownLevel(level: LogLevel, message: string) {
  // Most of our queues serve steps only, on purpose.
  const expected = /^No .* registered, not polling/.test(message)
  return level === 'INFO' || expected ? 'debug' : (level.toLowerCase() as Lowercase<LogLevel>)
}
