/** Temporal's native core in this process: it logs through our log, and leaves signals to us. */
import { Runtime } from '@temporalio/worker'
import type { Environment } from '../adapters/environment.ts'
import type { Logger } from '../adapters/logger.ts'

/** Before the first connection, once in a process. */
export function installTemporalRuntime(environment: Environment, logger: Logger): void {
  const { metricsPort, otlpEndpoint, http } = environment
  Runtime.install({
    // By default every signal stops the workers at once; the order in which parts end is ours to choose.
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) =>
        logger[level.toLowerCase() as Lowercase<typeof level>](meta ?? {}, message),
      trace: (message, meta) => logger.trace(meta ?? {}, message),
      debug: (message, meta) => logger.debug(meta ?? {}, message),
      // Each worker tells of its birth and death here: of interest to us, not to who runs it.
      info: (message, meta) => logger.debug(meta ?? {}, message),
      warn: (message, meta) => logger.warn(meta ?? {}, message),
      error: (message, meta) => logger.error(meta ?? {}, message),
    },
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
