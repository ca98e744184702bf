/** A complete deployment on one machine: processes that share only Temporal, an S3 server and Redis. */
import { mkdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { S3ObjectStore } from '../../adapters/object-store/s3.ts'
import { freePort } from '../../cli/free-port.ts'
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts'
import { startRedis } from '../servers/redis.ts'
import { startS3 } from '../servers/s3.ts'
import { startTemporal } from '../servers/temporal.ts'
import { fillDisk } from './full-disk.ts'
import { type Leftovers, leftovers } from './leftovers.ts'
import { Service } from './service.ts'

/** Which worker serves which queues: names of workers, and their `--queues`. */
export type Rota = Record<string, string>

/** Two processes for heavy work, so that one continues while the other is down. */
const sharedOut: Rota = {
  'worker 1': 'orchestration,resize,download,upload,webhook,tweet,listen,cache',
  'worker 2': 'orchestration,resize,tile-match,compose,tile-index,bulk',
  'worker 3': 'tile-match,compose,upload,cache',
}
const deploymentName = 'mosaicme'

export interface House {
  url: string
  /** Services of the current build. */
  workers: Service[]
  /** All services that ever ran. */
  services: Service[]
  api: Service
  /** Proxy between them and S3; inactive until its `rate` is set. */
  s3Faults: FaultProxy
  /** Each kills a server with SIGKILL and restarts it with its data on disk. */
  killTemporal(): Promise<void>
  killStore(): Promise<void>
  killCache(): Promise<void>
  /** Empties Redis. */
  flushCache(): Promise<void>
  /** Makes the scratch space of the composing worker unwritable for some seconds. */
  fillDisk(ms: number): Promise<void>
  /** A rolling deployment: workers of a new build start and take new jobs, and the old ones are stopped. */
  deploy(build: string): Promise<void>
  /** Calls Temporal directly. @example await house.temporal((client) => client.workflow.count()) */
  temporal<T>(ask: (client: Client) => Promise<T>): Promise<T>
  store(): Promise<ObjectStore>
  /** Stops everything. @returns what should not be left */
  stop(): Promise<Leftovers>
}

export async function openHouse(folder: string, seed: number, workers = sharedOut): Promise<House> {
  const dbFile = join(folder, 'temporal.db')
  let temporal = await startTemporal({ dbFile })
  const { port: temporalPort, address } = temporal
  const s3Port = await freePort()
  const s3Folder = join(folder, 's3')
  let s3 = await startS3({ port: s3Port, folder: s3Folder })
  const s3Faults = await startFaultProxy({ target: s3.endpoint, seed, slow: 2_000 })
  let redis = await startRedis()
  const { port: redisPort } = redis
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const temporary = join(folder, 'tmp')
  await mkdir(temporary, { recursive: true })

  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  const shared = {
    PATH,
    HOME,
    TMPDIR: temporary,
    ...(MOSAICME_CACHE && { MOSAICME_CACHE }),
    TEMPORAL_ADDRESS: address,
    S3_ENDPOINT: s3Faults.endpoint,
    S3_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
    REDIS_URL: redis.url,
    LOG_LEVEL: 'error',
    NODE_NO_WARNINGS: '1',
    // The mark by which leftovers.ts recognises our processes.
    MOSAICME_CHAOS: folder,
  }
  const dataDirOf = (name: string) => join(folder, name.replace(' ', '-'))
  const own = async (name: string) => {
    const dataDir = dataDirOf(name)
    await mkdir(dataDir, { recursive: true })
    return { ...shared, DATA_DIR: dataDir }
  }
  const startWorkers = (build: string) =>
    Promise.all(
      Object.entries(workers).map(
        async ([name, queues]) =>
          new Service(name, ['worker', '--queues', queues], {
            ...(await own(name)),
            TEMPORAL_WORKER_BUILD_ID: build,
            // It reports when it is ready.
            LOG_LEVEL: 'info',
          }),
      ),
    )
  const ask = async <T>(question: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address })
    try {
      return await question(new Client({ connection }))
    } finally {
      await connection.close()
    }
  }
  const api = new Service('api', ['up', '--queues', 'none'], { ...(await own('api')), PORT: String(port) })
  let present = await startWorkers('build-1')
  const services = [...present, api]
  await makeCurrent(ask, 'build-1')

  return {
    url,
    get workers() {
      return present
    },
    services,
    api,
    s3Faults,
    async killTemporal() {
      process.kill(temporal.pid, 'SIGKILL')
      await temporal.exited
      temporal = await startTemporal({ dbFile, port: temporalPort })
    },
    async killStore() {
      await s3.stop('SIGKILL')
      s3 = await startS3({ port: s3Port, folder: s3Folder })
    },
    async killCache() {
      await redis.stop('SIGKILL')
      redis = await startRedis({ port: redisPort })
    },
    async flushCache() {
      const socket = connect(redisPort, '127.0.0.1')
      socket.end('FLUSHALL\r\n')
      for await (const answer of socket)
        if (!String(answer).startsWith('+OK')) throw new Error(`expected +OK, got ${answer}`)
    },
    async fillDisk(ms) {
      const space = [2, 3].map((n) => join(dataDirOf(`worker ${n}`), 'scratch'))
      const emptied = await Promise.all(space.map(fillDisk))
      await delay(ms)
      for (const empty of emptied) await empty()
    },
    async deploy(build) {
      const old = present
      present = await startWorkers(build)
      services.push(...present)
      await makeCurrent(ask, build)
      // Resizes are pinned to the build they started on and take a second each.
      const pinned = "ExecutionStatus = 'Running' AND WorkflowType = 'resize'"
      const before = new Date().toISOString()
      while (
        (
          await ask((client) => client.workflow.count(`${pinned} AND StartTime < '${before}'`)).catch(() => ({
            count: 1,
          }))
        ).count > 0
      )
        await delay(500)
      await Promise.all(old.map((service) => service.stop()))
    },
    temporal: ask,
    async store() {
      const { s3: options } = loadEnvironment(shared)
      const credentials = { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey }
      const store = new S3ObjectStore({ ...options!, endpoint: s3.endpoint, credentials })
      await store.open()
      return store
    },
    async stop() {
      await Promise.all(services.map((service) => service.stop()))
      const left = await leftovers(folder, [
        temporary,
        ...Object.keys(workers).map((name) => join(dataDirOf(name), 'scratch')),
      ])
      await Promise.all([temporal.stop(), s3.stop(), redis.stop(), s3Faults.stop()])
      await rm(temporary, { recursive: true, force: true })
      return left
    },
  }
}

/** As a deployment does once its workers are up: the server learns of a build from their first poll. */
async function makeCurrent(
  ask: <T>(question: (client: Client) => Promise<T>) => Promise<T>,
  buildId: string,
): Promise<void> {
  for (const until = Date.now() + 60_000; ; await delay(250)) {
    try {
      await ask((client) =>
        client.workflowService.setWorkerDeploymentCurrentVersion({
          ...{ namespace: client.options.namespace, deploymentName, buildId },
        }),
      )
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}
