/** The API with a real Temporal, called through `fetch`, with and without workers. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { Client, Connection } from '@temporalio/client'
import { pino } from 'pino'
import sharp from 'sharp'
import { rebuildGallery } from '../../activities/rebuild-gallery.ts'
import { listLibraries, openTileLibrary } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { GalleryCache } from '../../adapters/gallery-cache/gallery-cache.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { type ApiDependencies, createApp } from '../../api/app.ts'
import type { Job } from '../../api/client.ts'
import { suiteNamespace, temporalAddress, testNamespaces } from '../servers/temporal.ts'
import { type Stack, type StackOptions, startStack } from '../workflows/stack.ts'

export interface Api {
  deps: ApiDependencies
  client: Client
  store: ObjectStore
  gallery: GalleryCache
  /** Log lines of level error. */
  errors: string[]
  request(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  job(id: string): Promise<Job>
  /** Starts a job and waits for its end. */
  finish(body: object): Promise<Job>
  /** Another app with the same servers. */
  with(changes: Partial<ApiDependencies>): Api
  stop(): Promise<void>
}

/** With all workers. */
export async function startApi(
  env: NodeJS.ProcessEnv = {},
  options: StackOptions = {},
): Promise<Api & { stack: Stack }> {
  const stack = await startStack(options)
  const { client, store, gallery, dataDir } = stack
  const api = apiOver({ client, store, gallery, env, dataDir, stop: () => stack.stop() })
  return { ...api, stack }
}

/** Without workers: jobs stay queued. Optionally with another kind of connection. */
export async function startApiWithoutWorkers(env: NodeJS.ProcessEnv = {}): Promise<Api> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-api-'))
  const store = await openObjectStore({ dataDir })
  const gallery = await openGalleryCache({})
  const connection = await Connection.connect({ address: temporalAddress() })
  const client = new Client({ connection, namespace: suiteNamespace() })
  return apiOver({
    client,
    store,
    gallery,
    env,
    dataDir,
    async stop() {
      for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
        await client.workflow.getHandle(workflowId).terminate('the suite is over')
      await connection.close()
      await gallery.close()
      await store.close()
      // Background writes may still be running, such as those of `/img/`.
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  })
}

interface World {
  client: Client
  store: ObjectStore
  gallery: GalleryCache
  env: NodeJS.ProcessEnv
  dataDir: string
  stop: () => Promise<void>
}

function apiOver({ client, store, gallery, env, dataDir, stop }: World): Api {
  const errors: string[] = []
  const logger = pino({ level: 'error', base: null }, { write: (line) => void errors.push(line) })
  return apiOf({
    client,
    store,
    cache: gallery,
    environment: loadEnvironment(env),
    logger,
    temporalUiUrl: 'http://127.0.0.1:8233',
    listLibraries: () => listLibraries({ store }),
    openLibrary: (library) =>
      openTileLibrary({ store, library, cacheDirectory: join(dataDir, 'cache', 'tiles') }),
    rebuildGallery: () => rebuildGallery({ store, gallery, site: '' }),
  })

  function apiOf(deps: ApiDependencies): Api {
    const app = createApp(deps)
    const request = async (path: string, init?: RequestInit) => await app.request(path, init)
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    return {
      deps,
      client,
      store,
      gallery,
      errors,
      request,
      post,
      stop,
      job: async (id) => (await (await request(`/v1/jobs/${id}`)).json()) as Job,
      async finish(body) {
        const answer = await post('/v1/jobs', body, { Prefer: 'wait=30' })
        const job = (await answer.json()) as Job
        if (answer.status !== 200) throw new Error(`expected a finished job, got ${JSON.stringify(job)}`)
        return job
      },
      with: (changes) => apiOf({ ...deps, ...changes }),
    }
  }
}

/** A client of an empty namespace, as if every history had been removed. */
export const forgetfulClient = ({ client }: Api) =>
  new Client({ connection: client.connection, namespace: testNamespaces.at(-1)! })

/** The API on a local socket. */
export async function listen(api: Api): Promise<{ site: string; stop: () => Promise<void> }> {
  const server = createAdaptorServer({ fetch: createApp(api.deps).fetch }) as Server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    site: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A picture of a single colour. */
export const picture = (width = 64, height = 48, format: 'jpeg' | 'png' | 'webp' | 'gif' = 'jpeg') =>
  sharp({ create: { width, height, channels: 3, background: '#c33' } })
    .toFormat(format)
    .toBuffer()

export const base64 = async (...args: Parameters<typeof picture>) =>
  (await picture(...args)).toString('base64')

export async function problemOf(answer: Response) {
  return (await answer.json()) as {
    type: string
    title: string
    status: number
    detail: string
    code: string
    errors?: { pointer: string; detail: string }[]
  }
}

/** A form like that of `curl -F`. */
export function form(parts: Record<string, string | Uint8Array | (string | Uint8Array)[]>): RequestInit {
  const body = new FormData()
  for (const [name, values] of Object.entries(parts))
    for (const value of [values].flat())
      if (typeof value === 'string') body.append(name, value)
      else body.append(name, new File([new Uint8Array(value)], 'photo.jpg', { type: 'image/jpeg' }))
  return { method: 'POST', body }
}
