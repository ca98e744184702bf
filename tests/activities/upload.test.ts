import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { createDiscardWork } from '../../activities/discard-work.ts'
import { openScratch } from '../../activities/scratch.ts'
import { createUpload, type UploadInput } from '../../activities/upload.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'

const jobId = 'mosaic-1'
// Steps that fail on purpose need no log lines.
const logger = new DefaultLogger('ERROR')

describe('upload', () => {
  let dataDir: string
  let store: ObjectStore
  let upload: ReturnType<typeof createUpload>

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'upload-test-'))
    store = await openObjectStore({ dataDir })
    upload = createUpload({ store, scratch: await openScratch(join(dataDir, 'scratch')) })
  })
  afterEach(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function stage(): Promise<UploadInput> {
    const { large, small, pyramid, plan } = layout.work
    const put = async ({ bucket, key }: ReturnType<typeof large>, bytes: Buffer) => {
      await store.put(bucket, key, bytes)
      return { bucket, key }
    }
    const archive = await zip({
      'mosaic.dzi': '<Image/>',
      'mosaic_files/0/0_0.jpg': 'tile 0',
      'mosaic_files/1/0_0.jpg': 'tile 1',
      'notes.txt': 'no part of a pyramid',
    })
    const size = { width: 2, height: 1, bytes: 5 }
    return {
      jobId,
      date: '2026-11-21T00:00:00.000Z',
      params: { library: 'starter', cell: 32, distance: 5, quality: 90 },
      fidelity: { k1: 1, k2: 2, k4: 3 },
      cells: { columns: 2, rows: 1 },
      large: { ...(await put(large(jobId), Buffer.from('large'))), ...size },
      small: { ...(await put(small(jobId), Buffer.from('small'))), ...size },
      pyramid: await put(pyramid(jobId), archive),
      plan: await put(plan(jobId), Buffer.from('{}')),
    }
  }

  const run = async (input: UploadInput) =>
    await new MockActivityEnvironment({}, { logger }).run(upload, input)
  const read = async (bucket: 'large' | 'small', key: string) =>
    (await buffer((await store.get(bucket, key)).body)).toString()

  it('publishes the pictures, the pyramid and the plan, and nothing else of the archive', async () => {
    await run(await stage())
    const { objects } = await store.list('large')
    expect(objects.map(({ key }) => key)).toEqual([
      'mosaic-1.dzi',
      'mosaic-1.jpg',
      'mosaic-1.plan.json',
      'mosaic-1_files/0/0_0.jpg',
      'mosaic-1_files/1/0_0.jpg',
    ])
    expect(await read('large', 'mosaic-1_files/1/0_0.jpg')).toBe('tile 1')
    expect(JSON.parse(await read('small', 'mosaic-1.json'))).toMatchObject({
      id: jobId,
      version: 1,
      params: { library: 'starter' },
      fidelity: { k1: 1 },
      cells: { columns: 2 },
    })
  })

  it('is a no-op the second time, even if the staged work is gone', async () => {
    const input = await stage()
    const first = await run(input)
    const record = await store.head('small', 'mosaic-1.json')
    await new MockActivityEnvironment().run(createDiscardWork({ store }), { jobId })
    expect(await run(input)).toEqual(first)
    expect(await store.head('small', 'mosaic-1.json')).toEqual(record)
  })

  it('gives the same result if two attempts run concurrently', async () => {
    const input = await stage()
    const [a, b] = await Promise.all([run(input), run(input)])
    expect(a).toEqual(b)
  })

  it('writes no record if something is missing, so that there is no mosaic', async () => {
    const input = await stage()
    await store.delete('in', layout.work.small(jobId).key)
    await expect(run(input)).rejects.toMatchObject({ code: 'object_not_found' })
    expect(await store.head('small', 'mosaic-1.json')).toBeUndefined()
  })
})

async function zip(members: Record<string, string>): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [name, text] of Object.entries(members)) archive.addBuffer(Buffer.from(text), name)
  archive.end()
  return await buffer(archive.outputStream as Readable)
}
