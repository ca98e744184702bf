/** A real Temporal server for tests. One for the whole test run; each suite gets a namespace. */
import { inject } from 'vitest'
import { cacheFolder } from '../../cli/package-root.ts'
import { findTemporal } from '../../cli/temporal/binary.ts'
import { startTemporalServer, type TemporalServer } from '../../cli/temporal/server.ts'

export type { TemporalServer } from '../../cli/temporal/server.ts'

/** `host:port` of the run's server, see tests/setup/global.ts. */
export function temporalAddress(): string {
  return inject('temporalAddress')
}

/** URL of the Web UI, for browser tests. */
export function temporalUiUrl(): string {
  return inject('temporalUiUrl')
}

/**
 * A namespace with our search attributes that no concurrent suite uses. Namespaces are created when the server starts, one per
 * worker process of the run, because the server takes seconds to notice later ones.
 */
export function suiteNamespace(): string {
  return testNamespaces[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % testNamespaces.length]!
}

/** The same for services that keep running in a process across test files. */
export function lastingNamespace(): string {
  return lastingNamespaces[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % lastingNamespaces.length]!
}

/** At least `maxWorkers` of vitest.config.ts, plus the suites that take one from the end for themselves. */
export const testNamespaces = Array.from({ length: 9 }, (_, index) => `suite-${index + 1}`)
export const lastingNamespaces = testNamespaces.map((name) => `lasting-${name}`)

/** A separate server, for suites that stop it or read its database. */
export async function startTemporal(
  options: { dbFile?: string; port?: number } = {},
): Promise<TemporalServer> {
  const binary = await findTemporal({ cacheDir: cacheFolder(), say: console.error })
  return await startTemporalServer({ binary: binary.path, ...options })
}
