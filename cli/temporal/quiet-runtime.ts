/** Temporal's native core for commands that use workflows only incidentally: logs errors only, and leaves signals to us. */
import { IllegalStateError } from '@temporalio/common'
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'

/** Idempotent. Call it before anything that needs the core. */
export function keepTemporalRuntimeQuiet(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' })
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter } },
      shutdownSignals: [],
    })
  } catch (error) {
    // The process has already configured a core.
    if (!(error instanceof IllegalStateError)) throw error
  }
}
