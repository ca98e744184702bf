/** All environment variables: format and default of each. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { parseAllowedHost } from '../guarded-fetch/allowed-hosts.ts'
import { parseApiKey } from './api-keys.ts'
import { EntryFault } from './entry-fault.ts'
import { noKey, parsePayloadKey } from './payload-keys.ts'

const MiB = 1024 * 1024

export interface Variable<T> {
  /** Parses the text of a variable that is set and not empty, and `undefined` otherwise. */
  schema: z.ZodType<T, string | undefined>
  /** Completes the sentence "NAME: expected ...". */
  expected: string
  /** Whether its value must never be shown. */
  secret: boolean
}

const variable = <T>(expected: string, schema: z.ZodType<T, string | undefined>): Variable<T> => ({
  schema,
  expected,
  secret: false,
})
const secret = <T>(expected: string, schema: z.ZodType<T, string | undefined>): Variable<T> => ({
  schema,
  expected,
  secret: true,
})

const text = z.string().trim()
const flag = text
  .toLowerCase()
  .pipe(z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] }))
const integer = text.regex(/^\d{1,15}$/).transform(Number)
const port = integer.pipe(z.number().max(65_535))
const url = (protocols: RegExp) => text.pipe(z.url({ protocol: protocols }))
const webAddress = url(/^https?$/)
/** URL of a site, without a trailing slash. */
const site = webAddress.refine((value) => !/[?#]/.test(value)).transform((value) => value.replace(/\/+$/, ''))
/** Matches a user in a URL, and captures the part before it. */
export const hasUser = /^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i
const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)
/** A non-empty list of secrets. @param parse throws an {@link EntryFault}, which is reported */
const entries = <T>(parse: (text: string) => T) =>
  list
    .transform((texts, c) =>
      texts.flatMap((text, at) => {
        try {
          return [parse(text)]
        } catch (error) {
          if (!(error instanceof EntryFault)) throw error
          c.addIssue({ code: 'custom', params: { received: `${error.message} (entry ${at + 1})` } })
          return []
        }
      }),
    )
    .refine((all) => all.length > 0)
const hashtag = text
  .transform((value) => value.replace(/^#/, ''))
  .pipe(z.string().regex(/^[\p{L}\p{N}\p{M}_]+$/u))
const bytes = text
  .regex(/^\d{1,12}( ?[KMG]i?B)?$/i)
  .transform((value) => Number.parseInt(value, 10) * (unit[value.replace(/[^KMG]/gi, '').toUpperCase()] ?? 1))
  .pipe(z.number().min(1))
const unit: Record<string, number> = { K: 1024, M: MiB, G: 1024 * MiB }
const time = text
  .regex(/^[1-9]\d{0,5}[mhd]$/)
  .transform(
    (value) => Number.parseInt(value, 10) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[value.at(-1) as 'm'],
  )
const hex = text.regex(/^([0-9a-f]{2})+$/i)
const bucketName = text.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
const aBucket = 'a bucket name, 3 to 63 of a-z 0-9 . -'
const aTime = 'a time such as 90m, 24h or 7d'
const aPort = 'a port, 0 to 65535'
const aFlag = 'true or false'
const someBytes = 'a number of bytes such as 20971520 or 20MiB'

export const variables = {
  HOST: variable('a host name or an address', text.regex(/^[a-z0-9.:_-]+$/i).default('127.0.0.1')),
  PORT: variable(aPort, port.default(3000)),
  DATA_DIR: variable(
    'a folder',
    text.default('./data').transform((path) => resolve(path)),
  ),
  PUBLIC_URL: variable(
    'an http or https address without query, such as https://mosaic.example',
    site.optional(),
  ),

  TEMPORAL_PORT: variable(aPort, port.optional()),
  TEMPORAL_UI_PORT: variable(aPort, port.optional()),
  TEMPORAL_UI_URL: variable(
    'an http or https address without query, such as https://temporal.example',
    site.optional(),
  ),
  PAYLOAD_KEYS: secret(
    'comma-separated ID:KEY with different IDs, each KEY 32 bytes in base64 (openssl rand -base64 32); plain before ' +
      'them to end encryption',
    entries(parsePayloadKey)
      .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, {
        params: { received: 'the same ID twice' },
      })
      .refine((keys) => keys.slice(1).every(({ id }) => id !== noKey.id), {
        params: { received: 'plain after a key' },
      })
      .optional(),
  ),

  TEMPORAL_DEPLOYMENT_NAME: variable(
    'a name of letters, digits and hyphens',
    text.regex(/^[\w-]{1,100}$/).default('mosaicme'),
  ),
  TEMPORAL_WORKER_BUILD_ID: variable(
    'letters, digits, dots, hyphens and underscores, such as a commit',
    text.regex(/^[\w.-]{1,100}$/).optional(),
  ),

  S3_ENDPOINT: variable(
    'an http or https address without user or password',
    webAddress.refine((value) => !hasUser.test(value)).optional(),
  ),
  S3_REGION: variable('a region such as eu-central-1', text.regex(/^[a-z0-9-]+$/i).optional()),
  AWS_REGION: variable('a region such as eu-central-1', text.regex(/^[a-z0-9-]+$/i).optional()),
  S3_FORCE_PATH_STYLE: variable(aFlag, flag.optional()),
  S3_CHECKSUMS: variable(
    'when_required or when_supported',
    text
      .toLowerCase()
      .pipe(z.enum(['when_required', 'when_supported']))
      .optional(),
  ),
  BUCKET_IN: variable(aBucket, bucketName.default('mosaic-in')),
  BUCKET_RAW: variable(aBucket, bucketName.default('mosaic-raw')),
  BUCKET_LARGE: variable(aBucket, bucketName.default('mosaic-outlarge')),
  BUCKET_SMALL: variable(aBucket, bucketName.default('mosaic-outsmall')),

  REDIS_URL: secret('an address such as redis://host:6379/0', url(/^(rediss?|unix)$/).optional()),

  X_API_URL: variable(
    'an http or https address that ends in /2/',
    webAddress.refine((value) => value.endsWith('/2/')).default('https://api.x.com/2/'),
  ),
  X_CONSUMER_KEY: secret('a key', text.optional()),
  X_CONSUMER_SECRET: secret('a secret', text.optional()),
  X_ACCESS_TOKEN: secret('a token', text.optional()),
  X_ACCESS_SECRET: secret('a secret', text.optional()),
  X_BEARER_TOKEN: secret('a token', text.optional()),
  X_ACCOUNT: variable(
    "the account's handle",
    text
      .transform((value) => value.replace(/^@/, ''))
      .pipe(z.string().regex(/^\w{1,15}$/))
      .optional(),
  ),
  X_DAILY_BUDGET_USD: variable(
    'an amount in US dollars, such as 5 or 2.50',
    text
      .regex(/^\d{1,6}(\.\d+)?$/)
      .default('5')
      .transform(Number),
  ),
  X_DAILY_LOOKUPS: variable('a number of posts', integer.default(200)),
  MASTODON_URL: variable(
    'the address of a Mastodon server, such as https://mastodon.example',
    webAddress
      .refine((value) => !/[?#]/.test(value) && !hasUser.test(value))
      .transform((value) => value.replace(/\/+$/, ''))
      .optional(),
  ),
  MASTODON_ACCESS_TOKEN: secret('a token', text.regex(/^[\x21-\x7e]+$/).optional()),
  MASTODON_ACCOUNT: variable(
    "the account's handle, without its server",
    text
      .transform((value) => value.replace(/^@/, ''))
      .pipe(z.string().regex(/^\w{1,64}$/))
      .optional(),
  ),
  BLUESKY_URL: variable(
    'the address of a Bluesky server, such as https://bsky.social',
    webAddress
      .refine((value) => !/[?#]/.test(value) && !hasUser.test(value))
      .transform((value) => value.replace(/\/+$/, ''))
      .default('https://bsky.social'),
  ),
  BLUESKY_HANDLE: variable(
    "the account's handle, such as someone.bsky.social",
    text
      .transform((value) => value.replace(/^@/, '').toLowerCase())
      .pipe(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))
      .optional(),
  ),
  BLUESKY_APP_PASSWORD: secret('an app password', text.optional()),
  LISTEN_HASHTAG: variable('one hashtag, letters and digits', hashtag.default('mosaicme')),
  LISTEN_MODE: variable(
    'mentions, stream or off',
    text
      .toLowerCase()
      .pipe(z.enum(['mentions', 'stream', 'off']))
      .default('mentions'),
  ),
  LISTEN_LIBRARY: variable(
    'the name of a tile library: lower-case letters, digits and hyphens',
    text.regex(/^[a-z0-9][a-z0-9-]{0,62}$/).default('starter'),
  ),
  OPT_OUT_WORD: variable('one word', hashtag.default('nomosaic')),
  COLLECT_HASHTAGS: variable('comma-separated hashtags', list.pipe(z.array(hashtag)).default([])),
  REPLY_TEXT: variable(
    'a text of at most 280 characters, with no placeholders but {handle}, {author} and {link}',
    text
      .max(280)
      .refine((value) =>
        [...value.matchAll(/\{(\w+)\}/g)].every(([, name]) => ['handle', 'author', 'link'].includes(name!)),
      )
      .default('Hi @{handle} Here is your mosaic: {link}'),
  ),

  MODERATE: variable(
    'tiles, mosaics, or both, comma-separated',
    list.pipe(z.array(z.enum(['tiles', 'mosaics']))).default([]),
  ),

  INBOX_FOLDERS: variable(
    'comma-separated folders',
    list.transform((folders) => folders.map((folder) => resolve(folder))).default([]),
  ),

  IMG_KEY: secret(
    'a key of at least 16 bytes in hexadecimal digits',
    hex.refine((key) => key.length >= 32).optional(),
  ),
  IMG_SALT: secret('a salt in hexadecimal digits', hex.optional()),
  IMG_SOURCES: variable(
    'comma-separated http or https URLs, such as https://example.org/photos/',
    list
      .pipe(
        z.array(
          z.url({ protocol: /^https?$/ }).refine((value) => !/[?#]/.test(value) && !hasUser.test(value)),
        ),
      )
      .default([]),
  ),

  RESULT_TTL: variable(aTime, time.optional()),
  UPLOAD_TTL: variable(aTime, time.optional()),
  RESIZE_PRESETS: variable(
    'a JSON object of names to resize options, such as {"thumb":{"width":200}}',
    text
      .transform((value, c): unknown => {
        try {
          return JSON.parse(value)
        } catch {
          c.addIssue('no JSON')
          return z.NEVER
        }
      })
      .pipe(z.record(z.string(), z.record(z.string(), z.unknown())))
      .default({}),
  ),

  FETCH_ALLOW_HOSTS: variable(
    'comma-separated host or host:port',
    list.refine((hosts) => hosts.every((host) => parseAllowedHost(host) !== undefined)).default([]),
  ),

  WEBHOOK_SECRET: secret(
    'a Standard Webhooks secret: whsec_ and 24 to 64 bytes in base64 (openssl rand -base64 32)',
    text
      .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
      .refine((value) => {
        const { length } = Buffer.from(value.slice('whsec_'.length), 'base64')
        return length >= 24 && length <= 64
      })
      .optional(),
  ),

  API_KEYS: secret(
    'KEY, NAME:SCOPES:KEY or NAME:SCOPES:LIMITS:KEY, comma-separated, each KEY at least 16 printable characters ' +
      'without colon, or sha256: and its digest; SCOPES of submit, read and operate, LIMITS such as rate=10/s (m, h), ' +
      'bytes=5MiB, jobs=50, library=NAME, with + between them',
    entries(parseApiKey).optional(),
  ),
  ALLOW_ANONYMOUS: variable(aFlag, flag.default(false)),
  LINK_KEY: secret(
    'a key of at least 16 bytes in hexadecimal digits',
    hex.refine((key) => key.length >= 32).optional(),
  ),
  CORS_ORIGINS: variable(
    'comma-separated origins such as https://app.example, or *',
    list
      .refine((origins) =>
        origins.every((one) => one === '*' || (URL.canParse(one) && new URL(one).origin === one)),
      )
      .default([]),
  ),

  LOG_LEVEL: variable(
    'one of fatal, error, warn, info, debug, trace, silent',
    text
      .toLowerCase()
      .pipe(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']))
      .default('info'),
  ),
  METRICS_PORT: variable(aPort, port.optional()),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable('an http or https address', webAddress.optional()),
  OTEL_METRIC_EXPORT_INTERVAL: variable(
    'milliseconds, 100 to 3600000',
    integer.pipe(z.number().min(100).max(3_600_000)).default(15_000),
  ),

  MAX_PICTURE_BYTES: variable(someBytes, bytes.default(20 * MiB)),
  MAX_PICTURE_PIXELS: variable(
    'a number of pixels, at least 1',
    integer.pipe(z.number().min(1)).default(50_000_000),
  ),
  MAX_PICTURE_FRAMES: variable(
    'a number of frames, at least 1',
    integer.pipe(z.number().min(1)).default(500),
  ),
  MAX_BODY_BYTES: variable(someBytes, bytes.default(28 * MiB)),
  MAX_OPEN_JOBS: variable('a number of jobs, at least 1', integer.pipe(z.number().min(1)).default(1_000)),
  FETCH_TIMEOUT_MS: variable(
    'milliseconds, 1 to 3600000',
    integer.pipe(z.number().min(1).max(3_600_000)).default(60_000),
  ),
} as const satisfies Record<string, Variable<unknown>>

export type VariableName = keyof typeof variables
export type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]['schema']> }
