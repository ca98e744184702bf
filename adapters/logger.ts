/** The log: JSON lines for machines, one readable line each on a terminal, and no secret in either. */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'
import { plainKeys } from './environment/api-keys.ts'
import type { Environment } from './environment.ts'
import { logFields } from './logger/log-fields.ts'
import { readable } from './logger/readable.ts'
import { scrubber } from './logger/scrub.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  level: Environment['logLevel']
  /** Which part of the program speaks: `api`, `worker`. */
  name?: string
  /** Values that must not be seen, wherever in a line they turn up. See {@link secretsOf}. */
  secrets?: readonly string[]
  /** Where the lines go. Default: standard output, readable when that is a terminal. */
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
      // Neither process nor host: whoever collects the lines knows both.
      base: options.name === undefined ? null : { name: options.name },
      serializers: { err: stdSerializers.err, error: stdSerializers.err, cause: stdSerializers.err },
      mixin: logFields,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      // On the finished line, so that messages, stacks and nested errors are covered as well.
      hooks: { streamWrite: scrub },
    },
    options.destination ?? (process.stdout.isTTY ? readable(process.stdout) : standardOutput()),
  )
}

/** Synchronous: the last line before a crash is the one that matters. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true })
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    // pino only falls silent. Here it is what ends a program whose reader is gone.
    process.emit('SIGPIPE', 'SIGPIPE')
  })
  return output
}

/** Every secret that an environment holds. */
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
