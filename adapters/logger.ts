/** The log: JSON lines for programs, readable lines on a terminal, secrets in neither. */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'
import { plainKeys } from './environment/api-keys.ts'
import type { Environment } from './environment.ts'
import { logFields } from './logger/log-fields.ts'
import { readable } from './logger/readable.ts'
import { scrubber } from './logger/scrub.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  level: Environment['logLevel']
  /** The part of the program: `api`, `worker`. */
  name?: string
  /** Values to redact wherever they appear in a line. See {@link secretsOf}. */
  secrets?: readonly string[]
  /** Default: standard output, readable if that is a terminal. */
  destination?: DestinationStream
}

/**
 * @example
 * const log = createLogger({ level: environment.logLevel, name: 'api', secrets: secretsOf(environment) })
 * log.info({ job: id }, 'job started')
 */
export function createLogger(options: LoggerOptions): Logger {
  const scrub = scrubber(options.secrets ?? [])
  return pino(
    {
      level: options.level,
      // Neither PID nor host: log collectors add them.
      base: options.name === undefined ? null : { name: options.name },
      serializers: { err: stdSerializers.err, error: stdSerializers.err, cause: stdSerializers.err },
      mixin: logFields,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      // Applied to the finished line, which covers messages, stacks and nested errors.
      hooks: { streamWrite: scrub },
    },
    options.destination ?? (process.stdout.isTTY ? readable(process.stdout) : standardOutput()),
  )
}

/** Synchronous, because the last line before a crash matters most. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true })
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    // pino would only stop writing. Here, a closed output ends the program.
    process.emit('SIGPIPE', 'SIGPIPE')
  })
  return output
}

/** All secrets of an environment. */
export function secretsOf(environment: Environment, env: NodeJS.ProcessEnv = process.env): string[] {
  const { x, mastodon, bluesky, redisUrl, img, webhookSecret, linkKey, payloadKeys } = environment
  const redisPassword = redisUrl === undefined ? '' : new URL(redisUrl).password
  const named = [
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'TEMPORAL_API_KEY',
    'TEMPORAL_TLS_CLIENT_KEY_DATA',
    'OTEL_EXPORTER_OTLP_HEADERS',
  ]
  return [
    ...plainKeys(env.API_KEYS ?? ''),
    webhookSecret ?? '',
    linkKey ?? '',
    ...payloadKeys.map(({ secret }) => secret),
    ...(img ? [img.key, img.salt] : []),
    redisPassword,
    decodeURIComponent(redisPassword),
    ...(x === undefined ? [] : Object.values(x)),
    mastodon?.accessToken ?? '',
    bluesky?.password ?? '',
    ...named.map((name) => env[name] ?? ''),
  ].filter((value) => value !== '')
}

const names = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'api_key',
  '["x-api-key"]',
  '["set-cookie"]',
]
const redactedPaths = names.flatMap((name) => {
  const dotted = name.startsWith('[') ? name : `.${name}`
  return [name, `*${dotted}`, `*.*${dotted}`]
})
