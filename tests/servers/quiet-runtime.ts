/** Workers that keep quiet about what tests make them do: a step that fails on purpose is no news. */
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  shutdownSignals: [],
})
