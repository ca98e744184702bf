/** Temporal's native core in a process that runs workflows by the way: errors alone are told, signals are left to us. */
import { IllegalStateError } from '@temporalio/common'
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'

/** Any number of times in a process, before whatever needs the core. */
export function keepTemporalRuntimeQuiet(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' })
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter } },
      shutdownSignals: [],
    })
  } catch (error) {
    // A process that has a core already has said what it wants to hear.
    if (!(error instanceof IllegalStateError)) throw error
  }
}
