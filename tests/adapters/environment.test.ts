import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseApiKey } from '../../adapters/environment/api-keys.ts'
import { type Environment, EnvironmentError, loadEnvironment } from '../../adapters/environment.ts'
import { secretsOf } from '../../adapters/logger.ts'

/** A home directory without a Temporal configuration. */
const load = (env: NodeJS.ProcessEnv = {}): Environment => loadEnvironment({ HOME: '/nowhere', ...env })

const aKey = Buffer.alloc(32, 1).toString('base64')

function problems(env: NodeJS.ProcessEnv): EnvironmentError {
  try {
    load(env)
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError)
    return error as EnvironmentError
  }
  throw new Error('expected the environment to be refused')
}

describe('environment', () => {
  it('needs nothing: every name has a default', () => {
    expect(load()).toEqual({
      http: { host: '127.0.0.1', port: 3000 },
      dataDir: resolve('data'),
      temporal: { managed: true, namespace: 'default', connectionOptions: {} },
      payloadKeys: [],
      xApiUrl: 'https://api.x.com/2/',
      dailyBudgetUsd: 5,
      listenHashtag: 'mosaicme',
      dailyLookUps: 200,
      listenMode: 'mentions',
      listenLibrary: 'starter',
      optOutWord: 'nomosaic',
      collectHashtags: [],
      resizePresets: {},
      replyText: 'Hi @{handle} Here is your mosaic: {link}',
      moderate: [],
      inboxFolders: [],
      fetchAllowHosts: [],
      apiKeys: [],
      corsOrigins: [],
      allowAnonymous: false,
      logLevel: 'info',
      otlpMetricsEveryMs: 15_000,
      limits: {
        pictureBytes: 20_971_520,
        bytesInHand: expect.any(Number),
        pixels: 50_000_000,
        frames: 500,
        bodyBytes: 29_360_128,
        openJobs: 1_000,
        fetchTimeoutMs: 60_000,
      },
    })
  })

  it('reads every name', () => {
    const environment = load({
      HOST: '0.0.0.0',
      PORT: '8080',
      DATA_DIR: '/srv/mosaic',
      PUBLIC_URL: 'https://mosaic.example/',
      TEMPORAL_PORT: '7233',
      TEMPORAL_UI_PORT: '8233',
      S3_ENDPOINT: 'http://127.0.0.1:7070',
      S3_REGION: 'eu-central-1',
      S3_FORCE_PATH_STYLE: 'no',
      S3_CHECKSUMS: 'when_supported',
      BUCKET_IN: 'a-in',
      REDIS_URL: 'redis://:hush@127.0.0.1:6379/1',
      X_API_URL: 'http://127.0.0.1:9000/2/',
      X_CONSUMER_KEY: 'ck',
      X_CONSUMER_SECRET: 'cs',
      X_ACCESS_TOKEN: 'at',
      X_ACCESS_SECRET: 'as',
      X_BEARER_TOKEN: 'bt',
      X_ACCOUNT: '@mosaicme',
      X_DAILY_BUDGET_USD: '2.50',
      LISTEN_HASHTAG: '#写真',
      COLLECT_HASHTAGS: '#sunset, cats,',
      REPLY_TEXT: 'Voilà {author}',
      FETCH_ALLOW_HOSTS: 'photos.internal, 127.0.0.1:8080, [::1]:80',
      API_KEYS: '0123456789abcdef, fedcba9876543210',
      ALLOW_ANONYMOUS: 'false',
      LOG_LEVEL: 'DEBUG',
      METRICS_PORT: '9464',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      MAX_PICTURE_BYTES: '5 MiB',
      MAX_PICTURE_PIXELS: '1000000',
    })
    expect(environment).toMatchObject({
      http: { host: '0.0.0.0', port: 8080 },
      dataDir: '/srv/mosaic',
      publicUrl: 'https://mosaic.example',
      temporal: { managed: true, port: 7233, uiPort: 8233 },
      s3: {
        endpoint: 'http://127.0.0.1:7070',
        region: 'eu-central-1',
        forcePathStyle: false,
        checksums: 'when_supported',
        buckets: { in: 'a-in', raw: 'mosaic-raw', large: 'mosaic-outlarge', small: 'mosaic-outsmall' },
      },
      redisUrl: 'redis://:hush@127.0.0.1:6379/1',
      xApiUrl: 'http://127.0.0.1:9000/2/',
      x: {
        consumerKey: 'ck',
        consumerSecret: 'cs',
        accessToken: 'at',
        accessSecret: 'as',
        bearerToken: 'bt',
      },
      xAccount: 'mosaicme',
      dailyBudgetUsd: 2.5,
      listenHashtag: '写真',
      collectHashtags: ['sunset', 'cats'],
      fetchAllowHosts: ['photos.internal', '127.0.0.1:8080', '[::1]:80'],
      apiKeys: ['0123456789abcdef', 'fedcba9876543210'].map((key) => parseApiKey(key)),
      logLevel: 'debug',
      metricsPort: 9464,
      otlpEndpoint: 'http://127.0.0.1:4318',
      limits: { pictureBytes: 5 * 1024 * 1024, pixels: 1_000_000 },
    })
  })

  it('treats an empty variable as unset', () => {
    expect(
      load({ PORT: '', REDIS_URL: ' ', S3_ENDPOINT: '', TEMPORAL_ADDRESS: '', X_ACCESS_TOKEN: '' }),
    ).toEqual(load())
  })

  it.each([
    ['PORT', '65536', 'a port'],
    ['PORT', '-1', 'a port'],
    ['PORT', '3000.5', 'a port'],
    ['PORT', 'http', 'a port'],
    ['HOST', 'http://x', 'a host name'],
    ['PUBLIC_URL', 'mosaic.example', 'an http or https address'],
    ['PUBLIC_URL', 'https://x/?a=1', 'without query'],
    ['S3_ENDPOINT', '127.0.0.1:7070', 'an http or https address'],
    ['S3_ENDPOINT', 'http://key:secret@x', 'without user or password'],
    ['S3_FORCE_PATH_STYLE', 'maybe', 'true or false'],
    ['S3_CHECKSUMS', 'never', 'when_required or when_supported'],
    ['BUCKET_RAW', 'Mosaic_Raw', 'a bucket name'],
    ['X_API_URL', 'https://api.x.com/2', 'ends in /2/'],
    ['X_ACCOUNT', 'a b', "the account's handle"],
    ['X_DAILY_BUDGET_USD', '$5', 'an amount in US dollars'],
    ['LISTEN_HASHTAG', 'two tags', 'one hashtag'],
    ['COLLECT_HASHTAGS', 'a b,c', 'hashtags'],
    ['FETCH_ALLOW_HOSTS', 'http://x', 'host or host:port'],
    ['FETCH_ALLOW_HOSTS', '*.example.com', 'host or host:port'],
    ['ALLOW_ANONYMOUS', '2', 'true or false'],
    ['LOG_LEVEL', 'verbose', 'one of fatal'],
    ['METRICS_PORT', 'x', 'a port'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://x', 'an http or https address'],
    ['MAX_PICTURE_BYTES', '0', 'a number of bytes'],
    ['MAX_PICTURE_BYTES', '20 parsecs', 'a number of bytes'],
    ['MAX_PICTURE_PIXELS', '1e9', 'a number of pixels'],
    ['TEMPORAL_ADDRESS', 'https://x:7233', 'host:port'],
  ])('refuses %s=%s with the name, what was expected and what came', (name, value, expected) => {
    const error = problems({ [name]: value, S3_REGION: 'eu-central-1' })
    expect(error).toMatchObject({ code: 'environment_invalid', retryable: false })
    expect(error.problems).toHaveLength(1)
    expect(error.problems[0]).toMatchObject({ name, expected: expect.stringContaining(expected) })
    expect(error.message).toContain(`${name}: expected `)
    expect(error.message).toContain(
      name === 'S3_ENDPOINT' && value.includes('@') ? 'got' : JSON.stringify(value),
    )
  })

  it('reports all problems at once', () => {
    const names = problems({
      PORT: 'x',
      LOG_LEVEL: 'x',
      BUCKET_IN: 'X',
      MAX_PICTURE_PIXELS: 'x',
    }).problems.map(({ name }) => name)
    expect(names).toEqual(['PORT', 'BUCKET_IN', 'LOG_LEVEL', 'MAX_PICTURE_PIXELS', 'S3_ENDPOINT'])
  })

  it.each([
    ['REDIS_URL', 'postgres://user:hush-hush@x'],
    ['API_KEYS', 'hush-hush'],
    ['S3_ENDPOINT', 'http://user:hush-hush@x'],
    ['PUBLIC_URL', 'ftp://user:hush-hush@x'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://user:hush-hush@x'],
  ])('never shows the value of %s', (name, value) => {
    expect(problems({ [name]: value }).message).not.toContain('hush-hush')
  })

  describe('S3', () => {
    it('is enabled by an endpoint or a region, with suitable defaults for each', () => {
      expect(load({ S3_ENDPOINT: 'http://x' }).s3).toMatchObject({
        region: 'us-east-1',
        forcePathStyle: true,
        checksums: 'when_required',
      })
      expect(load({ S3_REGION: 'eu-west-1' }).s3).toMatchObject({
        region: 'eu-west-1',
        forcePathStyle: false,
        checksums: 'when_supported',
      })
      expect(load({ S3_ENDPOINT: 'http://x', AWS_REGION: 'eu-west-2' }).s3?.region).toBe('eu-west-2')
      expect(load({ AWS_REGION: 'eu-west-2' }).s3).toBeUndefined()
    })

    it('cannot be half configured', () => {
      expect(problems({ BUCKET_LARGE: 'pictures' }).message).toMatch(
        /S3_ENDPOINT: expected .*S3_REGION.*BUCKET_LARGE is set, got nothing/,
      )
    })

    it('requires four different buckets', () => {
      expect(problems({ S3_REGION: 'eu-west-1', BUCKET_IN: 'one', BUCKET_RAW: 'one' }).message).toContain(
        'four different buckets',
      )
    })
  })

  it('requires all credentials of X or none', () => {
    const names = problems({ X_ACCESS_TOKEN: 'hush-hush', X_BEARER_TOKEN: 'x' }).problems.map(
      ({ name }) => name,
    )
    expect(names).toEqual(['X_CONSUMER_KEY', 'X_CONSUMER_SECRET', 'X_ACCESS_SECRET', 'X_ACCOUNT'])
    expect(load({ X_ACCOUNT: 'mosaicme' }).x).toBeUndefined()
  })

  describe('beyond loopback', () => {
    it.each(['0.0.0.0', '::', '192.168.1.5', 'mosaic.example', '127.0.0.1.example.com'])(
      '%s needs keys or the word that none are wanted',
      (HOST) => {
        expect(problems({ HOST }).message).toMatch(
          /API_KEYS: expected at least one key, or ALLOW_ANONYMOUS=true, because HOST=/,
        )
        expect(load({ HOST, ALLOW_ANONYMOUS: 'true' }).allowAnonymous).toBe(true)
        expect(load({ HOST, API_KEYS: '0123456789abcdef' }).apiKeys).toHaveLength(1)
      },
    )

    it.each(['127.0.0.1', '127.0.0.53', 'localhost', '::1'])('%s is not', (HOST) => {
      expect(load({ HOST }).http.host).toBe(HOST)
    })
  })

  describe('misspelt names', () => {
    it.each([
      ['S3_ENDPIONT', 'S3_ENDPOINT'],
      ['BUCKETS_IN', undefined],
      ['BUCKET_INN', 'BUCKET_IN'],
      ['REDIS_URI', 'REDIS_URL'],
      ['FETCH_ALLOWED_HOSTS', 'FETCH_ALLOW_HOSTS'],
      ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
      ['X_CONSUMER_KEYS', 'X_CONSUMER_KEY'],
    ])('%s', (name, meant) => {
      if (meant === undefined) load({ [name]: 'x' })
      else
        expect(problems({ [name]: 'x' }).problems).toMatchObject([
          { name, expected: `${meant} instead of this name` },
        ])
    })

    it.each([
      'REDIS_PORT',
      'REDIS_SERVICE_HOST',
      'S3_PORT',
      'X_WINDOW',
      'API_KEY',
      'PORTS',
      'TEMPORAL_GRPC_META_X',
    ])('ignores %s, which may belong to something else', (name) => {
      load({ [name]: 'x' })
    })
  })

  describe('Temporal', () => {
    it('is a managed server unless there is an address', () => {
      expect(load({ TEMPORAL_NAMESPACE: 'mine' }).temporal).toEqual({
        managed: true,
        namespace: 'mine',
        connectionOptions: {},
      })
      const cloud = load({
        TEMPORAL_ADDRESS: 'a.tmprl.cloud:7233',
        TEMPORAL_NAMESPACE: 'mine',
        TEMPORAL_API_KEY: 'hush',
      }).temporal
      expect(cloud).toMatchObject({
        managed: false,
        address: 'a.tmprl.cloud:7233',
        namespace: 'mine',
        connectionOptions: { address: 'a.tmprl.cloud:7233', apiKey: 'hush', tls: true },
      })
    })

    it('can come from a profile of a configuration file', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'mosaicme-env-'))
      const TEMPORAL_CONFIG_FILE = join(folder, 'temporal.toml')
      await writeFile(
        TEMPORAL_CONFIG_FILE,
        '[profile.default]\naddress = "one:7233"\n[profile.two]\naddress = "two:7233"\nnamespace = "2"\n',
      )
      expect(load({ TEMPORAL_CONFIG_FILE }).temporal).toMatchObject({ managed: false, address: 'one:7233' })
      const two = load({ TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE: 'two' }).temporal
      expect(two).toMatchObject({ managed: false, address: 'two:7233', namespace: '2' })
      expect(problems({ TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE: 'three' }).message).toMatch(
        /TEMPORAL_PROFILE: .*three/,
      )
      await writeFile(TEMPORAL_CONFIG_FILE, 'not toml [')
      expect(problems({ TEMPORAL_CONFIG_FILE }).problems).toMatchObject([{ name: 'TEMPORAL_CONFIG_FILE' }])
      await rm(folder, { recursive: true })
    })

    it('rejects credentials without a server', () => {
      const error = problems({ TEMPORAL_API_KEY: 'hush-hush' })
      expect(error.message).toMatch(
        /TEMPORAL_ADDRESS: expected the address of the server that TEMPORAL_API_KEY is for/,
      )
      expect(error.message).not.toContain('hush-hush')
    })
  })

  it('lists its secrets, so that logs can redact them', () => {
    const env = {
      REDIS_URL: 'redis://:p%40ss-word@x',
      API_KEYS: '0123456789abcdef',
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
      PAYLOAD_KEYS: `now:${aKey}`,
    }
    expect(secretsOf(load(env), env).sort()).toEqual(
      ['0123456789abcdef', 'aws-secret', 'p%40ss-word', 'p@ss-word', aKey].sort(),
    )
  })

  it('keeps the order of payload keys', () => {
    const other = Buffer.alloc(32, 2).toString('base64')
    expect(load({ PAYLOAD_KEYS: `2026-11:${aKey}, old.key:${other}` }).payloadKeys).toEqual([
      { id: '2026-11', secret: aKey },
      { id: 'old.key', secret: other },
    ])
    const ended = { PAYLOAD_KEYS: `plain,now:${aKey}` }
    expect(load(ended).payloadKeys.map(({ id }) => id)).toEqual(['plain', 'now'])
    expect(secretsOf(load(ended), ended)).toEqual([aKey])
  })

  it.each([
    ['one without an ID', aKey, /^something other than ID:KEY \(entry 1\)$/],
    ['an ID of other letters', `a b:${aKey}`, /^something other than ID:KEY \(entry 1\)$/],
    ['31 bytes', `a:${Buffer.alloc(31, 1).toString('base64')}`, /^a KEY that is not 32 bytes/],
    ['33 bytes', `a:${Buffer.alloc(33, 1).toString('base64')}`, /^a KEY that is not 32 bytes/],
    ['no base64', `a:${'!'.repeat(44)}`, /^a KEY that is not 32 bytes/],
    ['two of one ID', `a:${aKey},a:${aKey}`, 'the same ID twice'],
    ['plain behind a key', `a:${aKey},plain`, 'plain after a key'],
    ['a key with the ID plain', `plain:${aKey}`, /^the ID plain, which stands for no encryption/],
    ['one right and one wrong', `a:${aKey},b:hush`, /32 bytes in base64 \(entry 2\)$/],
  ])('rejects payload keys without showing them: %s', (_, PAYLOAD_KEYS, received) => {
    const { problems: found, message } = problems({ PAYLOAD_KEYS })
    expect(found).toMatchObject([{ name: 'PAYLOAD_KEYS', received: expect.stringMatching(received) }])
    expect(message).not.toContain(PAYLOAD_KEYS.split(':').at(-1))
  })
})
