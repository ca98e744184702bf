import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { S3ObjectStore, type S3Options } from '../../adapters/object-store/s3.ts'
import { type S3Server, startS3 } from '../servers/s3.ts'
import { objectStoreContract } from './object-store.contract.ts'

const buckets = { in: 'mosaic-in', raw: 'mosaic-raw', large: 'mosaic-outlarge', small: 'mosaic-outsmall' }

function optionsFor(server: S3Server, changes: Partial<S3Options> = {}): S3Options {
  return {
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    checksums: 'when_required',
    buckets,
    credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
    ...changes,
  }
}

objectStoreContract('S3', {
  async start() {
    const server = await startS3()
    return { recipe: { s3: optionsFor(server) }, stop: () => server.stop(), mixes: server.sidecar }
  },
  // versitygw keeps objects as plain files.
  keysInsideKeys: false,
  longestSegment: 200,
  byteOrder: false,
})

describe('object store in S3', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3()
  })
  afterAll(() => server.stop())

  it('is what the environment asks for, with the credentials of the AWS chain', async () => {
    process.env.AWS_ACCESS_KEY_ID = server.accessKey
    process.env.AWS_SECRET_ACCESS_KEY = server.secretKey
    try {
      const store = await openObjectStore(loadEnvironment({ S3_ENDPOINT: server.endpoint }))
      expect(store.description).toBe(`S3 at ${server.endpoint}`)
      await store.put('small', 'x', Buffer.from('x'))
      await store.close()
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID
      delete process.env.AWS_SECRET_ACCESS_KEY
    }
  })

  it('makes links that anybody can GET', async () => {
    const store = new S3ObjectStore(optionsFor(server))
    await store.open()
    await store.put('large', 'a b/名前.jpg', Buffer.from('hello'), { contentType: 'image/jpeg' })
    const answer = await fetch(await store.link('large', 'a b/名前.jpg', { expiresInSeconds: 60 }))
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'image/jpeg',
      'hello',
    ])
    const year = await store.link('large', 'x', { expiresInSeconds: 365 * 86_400 })
    expect(new URL(year).searchParams.get('X-Amz-Expires')).toBe('604800')
    await store.close()
  })

  it('works with the newer checksums as well', async () => {
    const store = new S3ObjectStore(optionsFor(server, { checksums: 'when_supported' }))
    await store.open()
    await store.put('in', 'checked', Buffer.alloc(9 * 1024 * 1024))
    expect(await store.head('in', 'checked')).toMatchObject({ size: 9 * 1024 * 1024 })
    await store.close()
  })

  it('opens from many processes at once', async () => {
    const others = { in: 'race-in', raw: 'race-raw', large: 'race-large', small: 'race-small' }
    const stores = Array.from({ length: 4 }, () => new S3ObjectStore(optionsFor(server, { buckets: others })))
    await Promise.all(stores.map((store) => store.open()))
    expect((await stores[0]!.list('in')).objects).toEqual([])
  })

  it.each([
    [
      'no server',
      { endpoint: 'http://127.0.0.1:9' },
      'store_unreachable',
      true,
      /an S3 server at http:\/\/127\.0\.0\.1:9.*ECONNREFUSED/,
    ],
    [
      'an unknown key',
      { credentials: { accessKeyId: 'nobody', secretAccessKey: 'hush-hush' } },
      'store_credentials',
      false,
      /AWS_ACCESS_KEY_ID/,
    ],
    [
      'a wrong secret',
      { credentials: { accessKeyId: 'test-access-key', secretAccessKey: 'hush-hush' } },
      'store_credentials',
      false,
      /AWS_SECRET_ACCESS_KEY/,
    ],
    ['another region', { region: 'eu-nowhere-1' }, 'store_region', false, /S3_REGION/],
  ])('reports what is wrong: %s', async (_, changes, code, retryable, words) => {
    const store = new S3ObjectStore(optionsFor(server, changes))
    const error = await store.open().catch((reason) => reason)
    expect(error).toMatchObject({ code, retryable })
    expect(error.message).toMatch(words)
    expect(error.message).not.toContain('hush-hush')
    await store.close()
  })

  it('reports a missing bucket', async () => {
    const store = new S3ObjectStore(optionsFor(server, { buckets: { ...buckets, in: 'never-made' } }))
    await expect(store.put('in', 'x', Buffer.from('x'))).rejects.toMatchObject({
      code: 'store_bucket_missing',
    })
    await expect(store.list('in')).rejects.toMatchObject({ code: 'store_bucket_missing' })
  })

  it('leaves no parts of a failed large upload', async () => {
    const { Readable } = await import('node:stream')
    const { ListMultipartUploadsCommand, S3Client } = await import('@aws-sdk/client-s3')
    const options = optionsFor(server)
    const store = new S3ObjectStore(options)
    await store.open()
    const body = Readable.from(
      (function* () {
        for (let i = 0; i < 3; i++) yield Buffer.alloc(8 * 1024 * 1024)
        throw new Error('the camera fell')
      })(),
    )
    await expect(store.put('in', 'broken', body)).rejects.toThrow('the camera fell')
    const client = new S3Client({ ...options, endpoint: server.endpoint, credentials: options.credentials! })
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'mosaic-in' }))
    expect(Uploads).toEqual([])
    client.destroy()
  })
})
