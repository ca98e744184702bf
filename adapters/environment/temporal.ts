/** Which Temporal: the dev server that is started for you, or one that `@temporalio/envconfig` describes. */
import { type ClientConnectConfig, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig'
import type { EnvironmentProblem } from './environment-error.ts'

export interface TemporalEnvironment {
  /** True: a dev server is started under `DATA_DIR`; there is no `address` before it is up. */
  managed: boolean
  /** `host:port` of a server that is there already. */
  address?: string
  namespace: string
  /** For `NativeConnection.connect` and `Connection.connect`: address, TLS, API key. Holds secrets. */
  connectionOptions: ClientConnectConfig['connectionOptions']
  /** Which build the workers are, for worker versioning; absent: no versioning. */
  workerVersion?: { deploymentName: string; buildId: string }
  /** Ports the dev server is to take; absent: free ones. */
  port?: number
  uiPort?: number
}

/** What `@temporalio/envconfig` reads beyond the names of `variables.ts`. */
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
  'TEMPORAL_CODEC_ENDPOINT',
  'TEMPORAL_CODEC_AUTH',
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
