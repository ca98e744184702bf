/** A whole deployment on one machine: processes that share nothing but Temporal, an S3 server and Redis. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { S3ObjectStore } from '../../adapters/object-store/s3.ts'
import { freePort } from '../../cli/free-port.ts'
import { startRedis } from '../servers/redis.ts'
import { startS3 } from '../servers/s3.ts'
import { startTemporal } from '../servers/temporal.ts'
import { Service } from './service.ts'

/** Who serves which queues. Two processes do the heavy work, so that one goes on while the other is down. */
const workers: Record<string, string> = {
  'worker 1': 'orchestration,resize,download,upload,tweet,listen,cache',
  'worker 2': 'orchestration,resize,tile-match,compose,tile-index,bulk',
  'worker 3': 'tile-match,compose,upload,cache',
}

export interface House {
  url: string
  workers: Service[]
  api: Service
  /** Each kills a server outright and brings it back with what it had on disk. */
  killTemporal(): Promise<void>
  killStore(): Promise<void>
  killCache(): Promise<void>
  /** Asks Temporal itself. @example await house.temporal((client) => client.workflow.count()) */
  temporal<T>(ask: (client: Client) => Promise<T>): Promise<T>
  store(): Promise<ObjectStore>
  stop(): Promise<void>
}

export async function openHouse(folder: string): Promise<House> {
  const dbFile = join(folder, 'temporal.db')
  let temporal = await startTemporal({ dbFile })
  const { port: temporalPort, address } = temporal
  const s3Port = await freePort()
  const s3Folder = join(folder, 's3')
  let s3 = await startS3({ port: s3Port, folder: s3Folder })
  let redis = await startRedis()
  const { port: redisPort } = redis
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`

  const { PATH = '', HOME = '', MOSAICME_CACHE } = process.env
  const shared = {
    PATH,
    HOME,
    ...(MOSAICME_CACHE && { MOSAICME_CACHE }),
    TEMPORAL_ADDRESS: address,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
    REDIS_URL: redis.url,
    LOG_LEVEL: 'error',
    NODE_NO_WARNINGS: '1',
  }
  const own = async (name: string) => {
    const dataDir = join(folder, name.replace(' ', '-'))
    await mkdir(dataDir, { recursive: true })
    return { ...shared, DATA_DIR: dataDir }
  }
  const api = new Service('api', ['up', '--queues', 'none'], { ...(await own('api')), PORT: String(port) })
  const services = await Promise.all(
    Object.entries(workers).map(
      async ([name, queues]) => new Service(name, ['worker', '--queues', queues], await own(name)),
    ),
  )

  return {
    url,
    workers: services,
    api,
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
    async temporal(ask) {
      const connection = await Connection.connect({ address })
      try {
        return await ask(new Client({ connection }))
      } finally {
        await connection.close()
      }
    },
    async store() {
      const { s3: options } = loadEnvironment(shared)
      const credentials = { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey }
      const store = new S3ObjectStore({ ...options!, credentials })
      await store.open()
      return store
    },
    async stop() {
      await Promise.all([api.stop(), ...services.map((service) => service.stop())])
      await Promise.all([temporal.stop(), s3.stop(), redis.stop()])
    },
  }
}
