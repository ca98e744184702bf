/** A real Temporal server for tests. One for the whole test run; each suite gets a namespace. */
import { inject } from 'vitest'
import { cacheFolder } from '../../cli/package-root.ts'
import { findTemporal } from '../../cli/temporal/binary.ts'
import { startTemporalServer, type TemporalServer } from '../../cli/temporal/server.ts'
import { testProcesses } from '../setup/test-processes.ts'

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

const numbered = (name: string, length: number) =>
  Array.from({ length }, (_, index) => `${name}-${index + 1}`)

/** One for each test process, and for each suite that takes one from the end for itself. In each, the server has a worker. */
export const testNamespaces = numbered('suite', testProcesses + 6)
export const lastingNamespaces = numbered('lasting', testProcesses + 1)

/** A separate server, for suites that stop it or read its database. */
export async function startTemporal(
  options: { dbFile?: string; port?: number } = {},
): Promise<TemporalServer> {
  const binary = await findTemporal({ cacheDir: cacheFolder(), say: console.error })
  return await startTemporalServer({ binary: binary.path, ...options })
}
