/** The environment, read once at startup, validated, and typed. */
import type { z } from 'zod'
import type { ApiKey } from './environment/api-keys.ts'
import { EnvironmentError, type EnvironmentProblem } from './environment/environment-error.ts'
import { isLoopback } from './environment/loopback.ts'
import { meantInstead } from './environment/misspelt.ts'
import type { PayloadKey } from './environment/payload-keys.ts'
import { readTemporal, type TemporalEnvironment, temporalNames } from './environment/temporal.ts'
import { hasUser, type Values, type VariableName, variables } from './environment/variables.ts'

export type { ApiKey, Scope } from './environment/api-keys.ts'
export { EnvironmentError, type EnvironmentProblem } from './environment/environment-error.ts'
export type { PayloadKey } from './environment/payload-keys.ts'
export type { TemporalEnvironment } from './environment/temporal.ts'

export interface S3Environment {
  /** Absent: AWS. */
  endpoint?: string
  region: string
  forcePathStyle: boolean
  /** `when_required` for the many S3 servers that reject CRC32. */
  checksums: 'when_required' | 'when_supported'
  buckets: { in: string; raw: string; large: string; small: string }
}

export interface XEnvironment {
  consumerKey: string
  consumerSecret: string
  accessToken: string
  accessSecret: string
  bearerToken?: string
}

export interface MastodonEnvironment {
  /** Without a trailing slash. */
  url: string
  accessToken: string
  /** Our account, without `@` and server. */
  account: string
}

export interface BlueskyEnvironment {
  /** Without a trailing slash. */
  url: string
  /** Our handle, without `@`. */
  account: string
  password: string
}

export interface Environment {
  http: { host: string; port: number }
  /** Absolute path of the folder in which the embedded defaults keep everything. */
  dataDir: string
  /** The site's public URL, without a trailing slash. */
  publicUrl?: string
  temporal: TemporalEnvironment
  /** The first one encrypts Temporal's payloads, all of them decrypt. Empty: no encryption. Secrets. */
  payloadKeys: PayloadKey[]
  /** URL of the Temporal Web UI if not otherwise known: for links, and as the only origin that may have payloads decoded. */
  temporalUiUrl?: string
  /** If present: S3 instead of the directory. */
  s3?: S3Environment
  /** If present: Redis instead of memory. May contain a password. */
  redisUrl?: string
  xApiUrl: string
  /** Our account on X, without `@`. */
  xAccount?: string
  /** Credentials for X. */
  x?: XEnvironment
  /** Credentials for a Mastodon server. */
  mastodon?: MastodonEnvironment
  /** Credentials for Bluesky. */
  bluesky?: BlueskyEnvironment
  dailyBudgetUsd: number
  /** Maximum posts looked up again per day. */
  dailyLookUps: number
  /** Without `#`. */
  listenHashtag: string
  /** `off`: no listener is started automatically. */
  listenMode: Values['LISTEN_MODE']
  /** The tile library for mosaics that posts ask for. */
  listenLibrary: string
  /** People who send this word to the account get no replies. */
  optOutWord: string
  collectHashtags: string[]
  /** Placeholders: `{handle}` and `{author}` of the post, `{link}` to the mosaic's page. */
  replyText: string
  /** What needs a moderator's approval. */
  moderate: Values['MODERATE']
  /** Folders, including subfolders, that inboxes may watch. */
  inboxFolders: string[]
  /** `host` or `host:port`. */
  fetchAllowHosts: string[]
  /** Signing key of webhooks. Absent: none are sent. */
  webhookSecret?: string
  /** Retention of resized pictures, ms. Absent: forever. */
  resultTtlMs?: number
  /** Retention of uploads since they were last referred to, ms. Absent: forever. */
  uploadTtlMs?: number
  /** Signing key of `/img/` addresses, hex. Absent: not enabled. */
  img?: { key: string; salt: string; sources: string[] }
  /** Named resize options, not yet validated: the API knows what is valid. */
  resizePresets: Record<string, Record<string, unknown>>
  apiKeys: ApiKey[]
  allowAnonymous: boolean
  /** Signing key of links, hex. Absent: not enabled. */
  linkKey?: string
  /** Origins whose pages may call the API from a browser, or `*`. */
  corsOrigins: string[]
  logLevel: Values['LOG_LEVEL']
  metricsPort?: number
  otlpEndpoint?: string
  /** Interval of sending metrics to it, ms. */
  otlpMetricsEveryMs: number
  limits: {
    /** Of an original picture. */
    pictureBytes: number
    pixels: number
    frames: number
    /** Of an HTTP request. */
    bodyBytes: number
    /** Queued and running jobs at which new ones are rejected with 429. */
    openJobs: number
    /** Of fetching a photo, including redirects. */
    fetchTimeoutMs: number
  }
}

/** @throws {EnvironmentError} listing every invalid variable */
export function loadEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const problems: EnvironmentProblem[] = []
  // Compose files and shells set absent variables to '', which is not a value.
  const env = Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== ''),
  )
  const v = readVariables(env, problems)
  const s3 = readS3(env, v, problems)
  const x = readX(env, v, problems)
  const mastodon = readMastodon(v, problems)
  const bluesky = readBluesky(v, problems)
  const temporal = readTemporal(env, defined({ port: v.TEMPORAL_PORT, uiPort: v.TEMPORAL_UI_PORT }), problems)
  const buildId = v.TEMPORAL_WORKER_BUILD_ID
  const workerVersion = buildId && { deploymentName: v.TEMPORAL_DEPLOYMENT_NAME, buildId }
  checkDoor(v, problems)
  checkNames(env, problems)
  if (problems.length > 0) throw new EnvironmentError(problems)
  return {
    http: { host: v.HOST, port: v.PORT },
    dataDir: v.DATA_DIR,
    temporal: { ...temporal, ...(workerVersion && { workerVersion }) },
    payloadKeys: v.PAYLOAD_KEYS ?? [],
    xApiUrl: v.X_API_URL,
    dailyBudgetUsd: v.X_DAILY_BUDGET_USD,
    dailyLookUps: v.X_DAILY_LOOKUPS,
    listenHashtag: v.LISTEN_HASHTAG,
    listenMode: v.LISTEN_MODE,
    listenLibrary: v.LISTEN_LIBRARY,
    optOutWord: v.OPT_OUT_WORD,
    collectHashtags: v.COLLECT_HASHTAGS,
    replyText: v.REPLY_TEXT,
    moderate: v.MODERATE,
    inboxFolders: v.INBOX_FOLDERS,
    fetchAllowHosts: v.FETCH_ALLOW_HOSTS,
    resizePresets: v.RESIZE_PRESETS,
    apiKeys: v.API_KEYS ?? [],
    allowAnonymous: v.ALLOW_ANONYMOUS,
    corsOrigins: v.CORS_ORIGINS,
    logLevel: v.LOG_LEVEL,
    otlpMetricsEveryMs: v.OTEL_METRIC_EXPORT_INTERVAL,
    limits: {
      pictureBytes: v.MAX_PICTURE_BYTES,
      pixels: v.MAX_PICTURE_PIXELS,
      frames: v.MAX_PICTURE_FRAMES,
      bodyBytes: v.MAX_BODY_BYTES,
      openJobs: v.MAX_OPEN_JOBS,
      fetchTimeoutMs: v.FETCH_TIMEOUT_MS,
    },
    ...defined({
      publicUrl: v.PUBLIC_URL,
      temporalUiUrl: v.TEMPORAL_UI_URL,
      img:
        v.IMG_KEY === undefined
          ? undefined
          : { key: v.IMG_KEY, salt: v.IMG_SALT ?? '', sources: v.IMG_SOURCES },
      s3,
      redisUrl: v.REDIS_URL,
      linkKey: v.LINK_KEY,
      resultTtlMs: v.RESULT_TTL,
      uploadTtlMs: v.UPLOAD_TTL,
      webhookSecret: v.WEBHOOK_SECRET,
      xAccount: v.X_ACCOUNT,
      x,
      mastodon,
      bluesky,
      metricsPort: v.METRICS_PORT,
      otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
    }),
  }
}

function readVariables(env: Record<string, string>, problems: EnvironmentProblem[]): Values {
  const values: Record<string, unknown> = {}
  for (const [name, { schema, expected, secret }] of Object.entries(variables)) {
    const result = schema.safeParse(env[name])
    if (result.success) values[name] = result.data
    else {
      problems.push({
        name,
        expected,
        received: secret ? received(result.error) : JSON.stringify(env[name]?.replace(hasUser, '$1…@')),
      })
      // The default keeps the following checks meaningful; nothing is returned once there is a problem.
      values[name] = schema.safeParse(undefined).data
    }
  }
  return values as Values
}

/** The received value, unless it is secret. */
function received({ issues }: z.ZodError): string {
  const [first] = issues.flatMap((issue) =>
    issue.code === 'custom' ? [issue.params?.received as unknown] : [],
  )
  return typeof first === 'string' ? first : 'something else (not shown)'
}

function readS3(
  env: Record<string, string>,
  v: Values,
  problems: EnvironmentProblem[],
): S3Environment | undefined {
  const buckets = { in: v.BUCKET_IN, raw: v.BUCKET_RAW, large: v.BUCKET_LARGE, small: v.BUCKET_SMALL }
  if (env.S3_ENDPOINT === undefined && env.S3_REGION === undefined) {
    const orphan = Object.keys(variables).find(
      (name) => /^(S3|BUCKET)_/.test(name) && env[name] !== undefined,
    )
    if (orphan !== undefined) {
      problems.push({
        name: 'S3_ENDPOINT',
        expected: `a URL, or S3_REGION for AWS, because ${orphan} is set`,
        received: 'nothing',
      })
    }
    return undefined
  }
  if (new Set(Object.values(buckets)).size < 4) {
    problems.push({
      name: 'BUCKET_IN, BUCKET_RAW, BUCKET_LARGE, BUCKET_SMALL',
      expected: 'four different buckets',
      received: Object.values(buckets).join(', '),
    })
  }
  const elsewhere = v.S3_ENDPOINT !== undefined
  return {
    ...defined({ endpoint: v.S3_ENDPOINT }),
    region: v.S3_REGION ?? v.AWS_REGION ?? 'us-east-1',
    // Few servers other than AWS have a host name per bucket, and many reject the newer checksums.
    forcePathStyle: v.S3_FORCE_PATH_STYLE ?? elsewhere,
    checksums: v.S3_CHECKSUMS ?? (elsewhere ? 'when_required' : 'when_supported'),
    buckets,
  }
}

function readX(
  env: Record<string, string>,
  v: Values,
  problems: EnvironmentProblem[],
): XEnvironment | undefined {
  const needed = ['X_CONSUMER_KEY', 'X_CONSUMER_SECRET', 'X_ACCESS_TOKEN', 'X_ACCESS_SECRET'] as const
  const given = [...needed, 'X_BEARER_TOKEN' as const].filter((name) => env[name] !== undefined)
  if (given.length === 0) return undefined
  for (const name of [...needed, 'X_ACCOUNT' as const]) {
    if (env[name] === undefined)
      problems.push({
        name,
        expected: `${name === 'X_ACCOUNT' ? 'the handle of the account' : 'all credentials of X or none'}, because ${given[0]} is set`,
        received: 'nothing',
      })
  }
  return {
    consumerKey: v.X_CONSUMER_KEY ?? '',
    consumerSecret: v.X_CONSUMER_SECRET ?? '',
    accessToken: v.X_ACCESS_TOKEN ?? '',
    accessSecret: v.X_ACCESS_SECRET ?? '',
    ...defined({ bearerToken: v.X_BEARER_TOKEN }),
  }
}

function readMastodon(v: Values, problems: EnvironmentProblem[]): MastodonEnvironment | undefined {
  const { MASTODON_URL, MASTODON_ACCESS_TOKEN, MASTODON_ACCOUNT } = v
  const given = allOrNone({ MASTODON_URL, MASTODON_ACCESS_TOKEN, MASTODON_ACCOUNT }, problems)
  if (!given) return undefined
  return {
    url: given.MASTODON_URL,
    accessToken: given.MASTODON_ACCESS_TOKEN,
    account: given.MASTODON_ACCOUNT,
  }
}

function readBluesky(v: Values, problems: EnvironmentProblem[]): BlueskyEnvironment | undefined {
  const given = allOrNone(
    { BLUESKY_HANDLE: v.BLUESKY_HANDLE, BLUESKY_APP_PASSWORD: v.BLUESKY_APP_PASSWORD },
    problems,
  )
  if (!given) return undefined
  return { url: v.BLUESKY_URL, account: given.BLUESKY_HANDLE, password: given.BLUESKY_APP_PASSWORD }
}

/** Variables that only make sense together. */
function allOrNone<Name extends string>(
  given: Record<Name, string | undefined>,
  problems: EnvironmentProblem[],
): Record<Name, string> | undefined {
  const names = Object.keys(given) as Name[]
  const named = names.find((name) => given[name] !== undefined)
  if (named === undefined) return undefined
  const all = names.join(' and ')
  for (const name of names)
    if (given[name] === undefined && !problems.some((problem) => problem.name === name))
      problems.push({ name, expected: `${all} or none, because ${named} is set`, received: 'nothing' })
  return Object.fromEntries(names.map((name) => [name, given[name] ?? ''])) as Record<Name, string>
}

/** If other machines can reach the service, it needs keys, or the explicit statement that none are wanted. */
function checkDoor(v: Values, problems: EnvironmentProblem[]): void {
  if (isLoopback(v.HOST) || v.ALLOW_ANONYMOUS || v.API_KEYS !== undefined) return
  if (problems.some(({ name }) => name === 'API_KEYS' || name === 'ALLOW_ANONYMOUS')) return
  problems.push({
    name: 'API_KEYS',
    expected: `at least one key, or ALLOW_ANONYMOUS=true, because HOST=${v.HOST} is reachable from other machines`,
    received: 'nothing',
  })
}

function checkNames(env: Record<string, string>, problems: EnvironmentProblem[]): void {
  const known: string[] = [...(Object.keys(variables) as VariableName[]), ...temporalNames]
  for (const name of Object.keys(env)) {
    const meant = meantInstead(name, known)
    if (meant !== undefined)
      problems.push({
        name,
        expected: `${meant} instead of this name`,
        received: 'an unknown name',
      })
  }
}

/** Omits undefined properties: `exactOptionalPropertyTypes` distinguishes them from absent ones. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
