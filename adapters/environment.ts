/** The environment, read once at the start, checked, and from then on a typed value. */
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
  /** Absent: AWS itself. */
  endpoint?: string
  region: string
  forcePathStyle: boolean
  /** `when_required` for the many S3s that refuse CRC32. */
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
  /** Without a final slash. */
  url: string
  accessToken: string
  /** Own account, without `@` and server. */
  account: string
}

export interface BlueskyEnvironment {
  /** Without a final slash. */
  url: string
  /** Own handle, without `@`. */
  account: string
  password: string
}

export interface Environment {
  http: { host: string; port: number }
  /** Absolute path of the folder that the embedded defaults keep everything in. */
  dataDir: string
  /** The site's own address, without a final slash. */
  publicUrl?: string
  temporal: TemporalEnvironment
  /** The first encrypts what Temporal keeps, all of them decrypt it. None: it is not encrypted. Secrets. */
  payloadKeys: PayloadKey[]
  /** Of the Temporal Web UI, where nobody else tells: for links, and the one site whose pages may ask for decoded payloads. */
  temporalUiUrl?: string
  /** Present: S3 instead of the directory. */
  s3?: S3Environment
  /** Present: Redis instead of the process. May hold a password. */
  redisUrl?: string
  xApiUrl: string
  /** Own account on X, without `@`. */
  xAccount?: string
  /** Present: credentials for X. */
  x?: XEnvironment
  /** Present: credentials for a Mastodon server. */
  mastodon?: MastodonEnvironment
  /** Present: credentials for Bluesky. */
  bluesky?: BlueskyEnvironment
  dailyBudgetUsd: number
  /** Posts that are looked up again in a day, at most. */
  dailyLookUps: number
  /** Without `#`. */
  listenHashtag: string
  /** `off`: nobody listens unless asked to. */
  listenMode: Values['LISTEN_MODE']
  /** The tile library of mosaics that posts ask for. */
  listenLibrary: string
  /** Whoever sends it to the account wants no replies. */
  optOutWord: string
  collectHashtags: string[]
  /** `{handle}`, `{author}`: who asked; `{link}`: the mosaic's page. */
  replyText: string
  /** What a moderator has to see before it shows. */
  moderate: Values['MODERATE']
  /** Folders, with all below them, that inboxes may be in. */
  inboxFolders: string[]
  /** `host` or `host:port`. */
  fetchAllowHosts: string[]
  /** Present: webhooks are sent, signed with it. */
  webhookSecret?: string
  /** How long resized pictures are kept, ms. Absent: for ever. */
  resultTtlMs?: number
  /** How long uploads are kept that nobody names, ms. Absent: for ever. */
  uploadTtlMs?: number
  /** Present: `/img/` addresses are signed with it, in hexadecimal digits. */
  img?: { key: string; salt: string; sources: string[] }
  /** Named options of resizes, as they were written: who offers them knows what they may be. */
  resizePresets: Record<string, Record<string, unknown>>
  apiKeys: ApiKey[]
  allowAnonymous: boolean
  /** Present: links that upload or delete are signed with it, in hexadecimal digits. */
  linkKey?: string
  /** Whose pages may call the API from a browser: origins, or `*`. */
  corsOrigins: string[]
  logLevel: Values['LOG_LEVEL']
  metricsPort?: number
  otlpEndpoint?: string
  /** ms between two times that metrics are sent to it. */
  otlpMetricsEveryMs: number
  limits: {
    /** Of one picture as it comes. */
    pictureBytes: number
    pixels: number
    frames: number
    /** Of one HTTP request. */
    bodyBytes: number
    /** Of the bodies of all requests that this process receives or works on, before a new one is answered with 429. */
    bytesInHand: number
    /** Jobs that are queued or running before a new one is answered with 429. */
    openJobs: number
    /** Of one fetch of a photo, redirects included. */
    fetchTimeoutMs: number
  }
}

/** @throws {EnvironmentError} with every wrong variable in it */
export function loadEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const problems: EnvironmentProblem[] = []
  // Compose files and shells set what is absent to '': that is not a value.
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
      bytesInHand: v.MAX_BYTES_IN_HAND,
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
        received: secret ? told(result.error) : JSON.stringify(env[name]?.replace(hasUser, '$1…@')),
      })
      // The default keeps the checks that follow meaningful; nothing is returned once there is a problem.
      values[name] = schema.safeParse(undefined).data
    }
  }
  return values as Values
}

/** What came, as far as it can be told without what is secret. */
function told({ issues }: z.ZodError): string {
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
        expected: `an address, or S3_REGION for AWS, because ${orphan} is set`,
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
    // Few servers other than AWS have a host name per bucket, and many refuse the newer checksums.
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

/** What makes sense only together. */
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

/** Beyond this machine, strangers come by: keys, or the word that none are wanted. */
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
        received: 'a name that nothing reads',
      })
  }
}

/** Without the properties that are undefined: `exactOptionalPropertyTypes` tells absent from undefined. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
