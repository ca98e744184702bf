/**
 * Resources of this machine that mosaicme needs: the lock of its folder, its port, its Temporal server. Loads little code, so
 * that obstacles are reported at once; the rest is loaded while the server starts.
 */
import { join } from 'node:path'
import type { Environment } from '../adapters/environment.ts'
import { lockDataDirectory } from './data-directory-lock.ts'
import { type HttpListener, listen } from './http-listener.ts'
import type { RunningParts } from './running-parts.ts'
import { startManagedTemporal } from './temporal/managed.ts'

export interface LocalResources {
  http: HttpListener
  /** Resolves when Temporal is ready. Absent if another server is used. */
  temporal?: Promise<ManagedTemporal>
}

export interface ManagedTemporal {
  address: string
  uiUrl: string
  /** Resolves when it has ended, intentionally or not. */
  exited: Promise<void>
  /** Message for that case. */
  endMessage: string
}

export interface LocalResourcesOptions {
  environment: Environment
  /** Collects everything that was started, even if starting fails half-way. */
  parts: RunningParts
  say: (line: string) => void
  signal: AbortSignal
}

/** @throws {Refusal} `data_dir_in_use`, `data_dir_unusable`, `port_in_use`, `port_forbidden`, `host_unknown` */
export async function takeLocalResources({
  environment,
  parts,
  say,
  signal,
}: LocalResourcesOptions): Promise<LocalResources> {
  const { dataDir, temporal, payloadKeys } = environment
  const lock = await lockDataDirectory(dataDir)
  parts.add('the lock of the data directory', 1_000, () => lock.release())
  const http = await listen(environment.http)
  parts.add('the HTTP server', 5_000, () => http.stop(0))
  if (!temporal.managed) return { http }

  const starting = startManagedTemporal({
    ...{ dataDir, temporal, say, signal },
    ...(payloadKeys.length > 0 && { codecEndpoint: `${http.url}/codec` }),
  })
  // The caller handles a failed start; a start in progress is awaited, then stopped.
  parts.add('Temporal', 8_000, async () => await (await starting.catch(() => undefined))?.stop())
  const ready = starting.then(({ address, uiUrl, exited, pid }) => {
    const log = join(dataDir, 'logs', 'temporal.log')
    return { address, uiUrl, exited, endMessage: `Temporal's server (process ${pid}) ended. Its log: ${log}` }
  })
  ready.catch(() => {})
  return { http, temporal: ready }
}
