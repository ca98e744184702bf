/** Workers that keep quiet about what tests make them do: a step that fails on purpose is no news. */
import { DefaultLogger, Runtime } from '@temporalio/worker'

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
