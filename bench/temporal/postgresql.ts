/**
 * A Temporal server on PostgreSQL, both started here and deleted afterwards, to compare a self-hosted server
 * with the dev server's SQLite.
 *
 *   apt-get install postgresql
 *   go install go.temporal.io/server/cmd/server@v1.32.0        (as `temporal-server` on PATH)
 *   go install go.temporal.io/server/cmd/tools/sql@v1.32.0     (as `temporal-sql-tool` on PATH)
 */
import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Connection } from '@temporalio/client'
import { stringify } from 'yaml'
import { freePort, isPortFree } from '../../cli/free-port.ts'
import { firstProgram, spawnServer } from '../../tests/servers/spawned.ts'

const run = promisify(execFile)

export interface ServerOnPostgresql {
  /** `host:port`, with the namespace `default`. */
  address: string
  /** Process IDs, for measuring. */
  pids: { temporal: number; postgresql: number }
  stop(): Promise<void>
}

/** @param shards of histories, over which concurrent work is spread; cannot be changed later */
export async function startOnPostgresql({ shards = 4 } = {}): Promise<ServerOnPostgresql> {
  const server = await program('temporal-server')
  const sqlTool = await program('temporal-sql-tool')
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-postgresql-'))
  const database = await startPostgresql(folder)
  try {
    for (const [name, schema] of databases) {
      const to = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '-p', `${database.port}`]
      const tool = async (...args: string[]) =>
        await run(sqlTool, [...to, '-u', 'temporal', '--db', name, ...args])
      await tool('create-database')
      await tool('setup-schema', '-v', '0.0')
      await tool('update-schema', '--schema-name', schema)
    }
    const frontend = await freePort()
    await mkdir(join(folder, 'config'))
    await writeFile(
      join(folder, 'config', 'here.yaml'),
      stringify(await settings(database.port, frontend, shards)),
    )
    const temporal = await spawnServer(
      server,
      ['--root', folder, '--config', 'config', '--env', 'here', '--allow-no-auth', 'start'],
      { ready: () => serving(`127.0.0.1:${frontend}`) },
    )
    const address = `127.0.0.1:${frontend}`
    await makeNamespace(address)
    return {
      address,
      pids: { temporal: temporal.pid, postgresql: database.pid },
      stop: async () => {
        await temporal.stop()
        await database.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await database.stop()
    throw error
  }
}

const databases = [
  ['temporal', 'postgresql/v12/temporal'],
  ['temporal_visibility', 'postgresql/v12/visibility'],
] as const

async function program(name: string): Promise<string> {
  const found = await firstProgram([name])
  if (!found)
    throw new Error(`expected ${name} on PATH, it is not there: see the top of bench/temporal/postgresql.ts`)
  return found
}

/** Default settings except for memory: `fsync` is on, as in production. PostgreSQL refuses to run as root. */
async function startPostgresql(folder: string) {
  const programs = await debianPrograms()
  const data = join(folder, 'data')
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined
  if (owner) await chown(folder, owner.uid, owner.gid)
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'temporal', '--auth', 'trust', '-E', 'UTF8'], owner)
  const port = await freePort()
  const child = await spawnServer(
    join(programs, 'postgres'),
    ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder, '-c', 'shared_buffers=256MB'],
    { ...owner, ready: () => run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`]) },
  )
  return { port, pid: child.pid, stop: () => child.stop('SIGINT') }
}

/** Debian installs them outside PATH, in a folder per version. */
async function debianPrograms(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  if (!newest) throw new Error('expected PostgreSQL in /usr/lib/postgresql: apt-get install postgresql')
  return join('/usr/lib/postgresql', newest, 'bin')
}

async function idsOf(user: string) {
  const ask = async (flag: string) => Number((await run('id', [flag, user])).stdout)
  return { uid: await ask('-u'), gid: await ask('-g') }
}

/** Temporal's own development configuration for PostgreSQL, on free ports. */
async function settings(postgresql: number, frontend: number, numHistoryShards: number) {
  const store = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${postgresql}`,
      connectProtocol: 'tcp',
      user: 'temporal',
      password: '',
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  })
  const rpc = async (grpcPort?: number) => ({
    rpc: {
      grpcPort: grpcPort ?? (await freePort()),
      membershipPort: await membershipPort(),
      bindOnLocalHost: true,
    },
  })
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'events',
      visibilityStore: 'visibility',
      numHistoryShards,
      datastores: { events: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: await rpc(frontend),
      matching: await rpc(),
      history: await rpc(),
      worker: await rpc(),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
  }
}

/** Temporal stores it in a signed 16-bit column; ephemeral ports are above that. */
async function membershipPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isPortFree(port)) return port
  }
}

async function serving(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' })
  await connection.close()
}

/** Retries, because the server's own services have to find each other first. */
async function makeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address })
  try {
    for (let tries = 0; ; tries++)
      try {
        await connection.workflowService.registerNamespace({
          namespace: 'default',
          workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
        })
        break
      } catch (error) {
        if (tries > 30) throw error
        await delay(500)
      }
    // Front ends refresh their list of namespaces periodically.
    await delay(12_000)
  } finally {
    await connection.close()
  }
}
