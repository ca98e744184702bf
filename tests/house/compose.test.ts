/** Checks `docker-compose.temporal.yml` and the Dockerfile against the code. Needs no Docker. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { temporalNames } from '../../adapters/environment/temporal.ts'
import { variables } from '../../adapters/environment/variables.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { readQueues } from '../../cli/read-queues.ts'
import { drainGrace } from '../../cli/work.ts'
import { allSearchAttributes } from '../../workflows/contract/search-attributes.ts'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'

interface Service {
  image: string
  build?: string
  command?: string[]
  environment?: Record<string, string | number>
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  restart: string
  stop_grace_period?: string
  init?: boolean
  pull_policy?: string
  volumes?: string[]
}

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(resolve(root, 'docker-compose.temporal.yml'), 'utf8')
const dockerfile = readFileSync(resolve(root, 'Dockerfile'), 'utf8')
const { services, volumes }: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  text,
  { merge: true },
)
const all = Object.entries(services)
const ours = all.filter(([, { image }]) => image === 'mosaicme:local')
const workers = ours.filter(([, { command }]) => command?.[0] === 'worker')
/** Services that run once and end. */
const jobs = new Set(
  all.flatMap(([, { depends_on = {} }]) =>
    Object.entries(depends_on)
      .filter(([, { condition }]) => condition === 'service_completed_successfully')
      .map(([name]) => name),
  ),
)

it('serves every task queue with exactly one worker service, named after it', () => {
  const served = workers.map(([name, { command }]) => {
    const [, option, queues = ''] = command ?? []
    expect(option).toBe('--queues')
    expect(`worker-${queues}`).toBe(name)
    return readQueues(queues)
  })
  expect(served.flat().sort()).toEqual([...allTaskQueues].sort())
  expect(services.api?.command).toEqual(['up', '--queues', 'none'])
  expect(ours).toHaveLength(workers.length + 1)
})

it('sets only variables that are read, to values that are accepted', () => {
  // Read by the AWS SDK itself.
  const known = [...Object.keys(variables), ...temporalNames, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
  for (const [name, { environment = {} }] of ours) {
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([])
    const values = Object.entries(environment).map(([variable, value]) => [
      variable,
      withDefaults(String(value)),
    ])
    const read = loadEnvironment(Object.fromEntries(values))
    expect(read.temporal, name).toMatchObject({ managed: false, address: 'temporal:7233' })
    expect(read).toMatchObject({ s3: { endpoint: 'http://s3:7070' }, redisUrl: 'redis://redis:6379/0' })
  }
})

it('has no secrets that .env cannot replace', () => {
  const secrets = all.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([variable]) => /SECRET|PASSWORD|PWD|KEY/.test(variable))
      .map(([variable, value]) => [`${name} ${variable}`, value] as const),
  )
  expect(secrets.length).toBeGreaterThan(0)
  for (const [where, value] of secrets) expect(value, where).toMatch(/^\$\{LOCAL_\w+:-local-[\w-]+\}$/)
})

it('pins every image to a version, and builds its own image once', () => {
  for (const [name, { image }] of all) {
    if (image !== 'mosaicme:local') expect(image, name).toMatch(/:v?\d+\.\d+\.\d+$|:\d+\.\d+(\.\d+)?-alpine$/)
  }
  expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['api'])
  for (const [name, { build, pull_policy }] of ours) if (!build) expect(pull_policy, name).toBe('never')
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) {
    expect(image).toMatch(/^node:22\.\d+\.\d+-bookworm-slim$/)
  }
})

it('checks the health of long-running services, and restarts them', () => {
  expect([...jobs].sort()).toEqual(['temporal-namespace', 'temporal-schema'])
  for (const [name, { healthcheck, restart }] of all) {
    if (jobs.has(name)) continue
    expect(healthcheck?.test[0], name).toBe('CMD')
    expect(restart, name).toBe('unless-stopped')
  }
  for (const [name, { healthcheck }] of ours)
    expect(healthcheck?.test, name).toEqual(['CMD', 'node', 'scripts/health.mjs'])
})

it('waits only for existing services, and for reachable states', () => {
  for (const [name, { depends_on = {} }] of all) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      expect(services[other], `${name} waits for ${other}`).toBeDefined()
      if (condition === 'service_healthy') expect(services[other]?.healthcheck).toBeDefined()
    }
  }
})

it('lets running steps finish when it is stopped', () => {
  // Beyond the grace: 7 s until a worker is abandoned, then three connections with 5 s each.
  const longest = drainGrace / 1000 + 7 + 15
  for (const [name, { stop_grace_period = '', init }] of ours) {
    expect(Number(/^(\d+)s$/.exec(stop_grace_period)?.[1]), name).toBeGreaterThan(longest)
    expect(init, name).toBe(true)
  }
  // The exec form, because a shell would not forward SIGTERM.
  expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "scripts\/mosaicme\.mjs"\]$/m)
})

it('registers our search attributes', () => {
  const script = services['temporal-namespace']?.command?.[0] ?? ''
  const registered = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => [name, type])
  expect(registered.sort()).toEqual(allSearchAttributes.map(({ name }) => [name, 'Keyword']).sort())
})

it('keeps persistent data in named volumes', () => {
  const mounted = all.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]))
  expect(mounted.sort()).toEqual(Object.keys(volumes).sort())
})

it('copies only existing files, which .dockerignore allows, into the image', () => {
  const copied = [...dockerfile.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, from]) =>
    from!.split(' ').map((path) => path.replace('/app/', '')),
  )
  const made = ['node_modules', 'dist']
  const ignored = readFileSync(resolve(root, '.dockerignore'), 'utf8').split('\n')
  for (const path of copied.filter((name) => !made.includes(name))) {
    expect(existsSync(resolve(root, path)), path).toBe(true)
    expect(ignored).toContain(`!${path.split('/')[0]}`)
  }
  expect(copied).toEqual(expect.arrayContaining([...made, 'scripts/mosaicme.mjs', 'scripts/health.mjs']))
  // And their imports.
  for (const script of copied.filter((path) => path.endsWith('.mjs')))
    for (const [, name] of readFileSync(resolve(root, script), 'utf8').matchAll(/from '\.\/(.+\.mjs)'/g))
      expect(copied, script).toContain(`scripts/${name}`)
})

it.each([
  ['a worker that polls', 'METRICS_PORT', 200, 'temporal_num_pollers{task_queue="upload"} 2', 0],
  ['a worker that polls nothing', 'METRICS_PORT', 200, 'temporal_num_pollers{task_queue="upload"} 0', 1],
  ['an API that answers', 'PORT', 200, '{"status":"ok"}', 0],
  ['an API that starts', 'PORT', 503, 'mosaicme is starting', 1],
])('the health check judges %s', async (_, variable, status, body, code) => {
  const server = createServer((_, answer) => answer.writeHead(status).end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((listening) => server.once('listening', listening))
  const port = String((server.address() as AddressInfo).port)
  const checked = promisify(execFile)(process.execPath, ['scripts/health.mjs'], {
    cwd: root,
    env: { [variable]: port },
  })
  expect(
    await checked.then(
      () => 0,
      (error) => error.code,
    ),
  ).toBe(code)
})

/** Interpolates like Compose with an empty environment: `${NAME:-default}`, including nested defaults. */
function withDefaults(value: string): string {
  const inner = value.replace(/\$\{\w+:-([^${}]*)\}/g, '$1')
  return inner === value ? value : withDefaults(inner)
}
