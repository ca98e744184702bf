/** Which Temporal to use: a dev server started for you, or one configured through `@temporalio/envconfig`. */
import { type ClientConnectConfig, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig'
import type { EnvironmentProblem } from './environment-error.ts'

export interface TemporalEnvironment {
  /** True: a dev server is started under `DATA_DIR`, and has no `address` until it is running. */
  managed: boolean
  /** `host:port` of an existing server. */
  address?: string
  namespace: string
  /** For `NativeConnection.connect` and `Connection.connect`: address, TLS, API key. Contains secrets. */
  connectionOptions: ClientConnectConfig['connectionOptions']
  /** Build of the workers, for worker versioning; absent: no versioning. */
  workerVersion?: { deploymentName: string; buildId: string }
  /** Ports for the dev server; absent: free ones. */
  port?: number
  uiPort?: number
}

/** Names read by `@temporalio/envconfig`, in addition to those in `variables.ts`. */
export const temporalNames = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
] as const

export function readTemporal(
  env: Record<string, string>,
  ports: { port?: number; uiPort?: number },
  problems: EnvironmentProblem[],
): TemporalEnvironment {
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: env })
    const named = env.TEMPORAL_PROFILE !== undefined
    const managed = profile.address === undefined && !named
    if (profile.address !== undefined && !/^[^\s/]+:\d{1,5}$/.test(profile.address)) {
      problems.push({
        name: 'TEMPORAL_ADDRESS',
        expected: 'host:port without a scheme, such as 127.0.0.1:7233',
        received: JSON.stringify(profile.address),
      })
    }
    const remoteOnly = temporalNames.filter((name) => /_(API_KEY|TLS)/.test(name) && env[name] !== undefined)
    if (managed && remoteOnly.length > 0) {
      problems.push({
        name: 'TEMPORAL_ADDRESS',
        expected: `the address of the server that ${remoteOnly.join(', ')} ${remoteOnly.length > 1 ? 'are' : 'is'} for`,
        received: 'nothing',
      })
    }
    const { connectionOptions, namespace = 'default' } = toClientOptions(profile)
    if (managed) return { managed, namespace, connectionOptions: {}, ...ports }
    return { managed, address: profile.address ?? 'localhost:7233', namespace, connectionOptions }
  } catch (cause) {
    problems.push({
      name: env.TEMPORAL_PROFILE === undefined ? 'TEMPORAL_CONFIG_FILE' : 'TEMPORAL_PROFILE',
      expected: 'a configuration that @temporalio/envconfig can read',
      received: cause instanceof Error ? cause.message : String(cause),
    })
    return { managed: true, namespace: 'default', connectionOptions: {} }
  }
}
