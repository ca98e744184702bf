/** The API with a real Temporal and a real store, but without workers: accepted jobs stay queued. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { pino } from 'pino'
import sharp from 'sharp'
import { listLibraries } from '../../activities/tile-library/index.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { createApp } from '../../api/app.ts'
import { makeTile } from '../../engine/tile.ts'
import { encodeSegment } from '../../engine/tile-segment.ts'
import type { Contract } from './requests.ts'

export interface World {
  request(path: string, init: RequestInit): Promise<Response>
  contract: Contract
  /** A small picture in base64. */
  image: string
  /** A segment of a tile library. */
  segment: Uint8Array
  /** Logged errors. */
  errors: string[]
  stop(): Promise<void>
}

export async function openWorld({
  address,
  namespace,
}: {
  address: string
  namespace: string
}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-fuzz-'))
  const store = await openObjectStore({ dataDir })
  const cache = await openGalleryCache({})
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, namespace })
  const errors: string[] = []
  const app = createApp({
    ...{ client, store, cache },
    // Beyond this many open jobs, 429 is a valid response.
    environment: loadEnvironment({
      MAX_OPEN_JOBS: '40',
      LINK_KEY: 'ab'.repeat(16),
      WEBHOOK_SECRET: `whsec_${'A'.repeat(40)}`,
    }),
    logger: pino({ level: 'error', base: null }, { write: (line) => void errors.push(line) }),
    listLibraries: () => listLibraries({ store }),
  })
  const photo = await sharp({ create: { width: 24, height: 16, channels: 3, background: '#c33' } })
    .jpeg()
    .toBuffer()
  const tile = await makeTile(photo, { source: 'photo.jpg' })
  return {
    request: async (path, init) => await app.request(path, init),
    contract: (await (await app.request('/openapi.json')).json()) as Contract,
    image: photo.toString('base64'),
    segment: await encodeSegment([{ ...tile, addedAt: 1 }]),
    errors,
    async stop() {
      for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
        await client.workflow.getHandle(workflowId).terminate('the fuzzing is over')
      await connection.close()
      await cache.close()
      await store.close()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
