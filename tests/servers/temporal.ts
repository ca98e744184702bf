/** A real Temporal server for tests. One runs for the whole test run; suites get a namespace each. */
import { inject } from 'vitest'
import { cacheFolder } from '../../cli/package-root.ts'
import { findTemporal } from '../../cli/temporal/binary.ts'
import { startTemporalServer, type TemporalServer } from '../../cli/temporal/server.ts'

export type { TemporalServer } from '../../cli/temporal/server.ts'

/** `host:port` of the run's server, see tests/setup/global.ts. */
export function temporalAddress(): string {
  return inject('temporalAddress')
}

/** Link into the run's Web UI, for browser tests. */
export function temporalUiUrl(): string {
  return inject('temporalUiUrl')
}

/**
 * A namespace that no suite running at the same moment uses, with our search attributes. Namespaces are made when
 * the server starts, one per worker process of the run: making one later takes the server seconds to notice.
 */
export function suiteNamespace(): string {
  return testNamespaces[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % testNamespaces.length]!
}

/** The same for what goes on working in a process from file to file, beside the suites. */
export function lastingNamespace(): string {
  return lastingNamespaces[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % lastingNamespaces.length]!
}

/** At least as many as `maxWorkers` in vitest.config.ts, and as suites that take one from the end for themselves. */
export const testNamespaces = Array.from({ length: 9 }, (_, index) => `suite-${index + 1}`)
export const lastingNamespaces = testNamespaces.map((name) => `lasting-${name}`)

/** A server of one's own, for suites that stop it in the middle or look into its file. */
export async function startTemporal(
  options: { dbFile?: string; port?: number } = {},
): Promise<TemporalServer> {
  const binary = await findTemporal({ cacheDir: cacheFolder(), say: console.error })
  return await startTemporalServer({ binary: binary.path, ...options })
}
