/** Signed addresses: `GET /img/SIGNATURE/OPTIONS/SOURCE`. */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createGuardedFetch } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { ObjectDamaged } from '../../adapters/object-store/object-store.ts'
import { signPath } from '../../api/img/signature.ts'
import { isAllowedSource } from '../../api/img/source.ts'
import { difference, pixelAt, quarters } from '../engine/resize/fingerprint.ts'
import { type Api, picture, problemOf, startApiWithoutWorkers } from './api.ts'

const key = {
  key: Buffer.from('943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881', 'hex'),
  salt: Buffer.from('520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5', 'hex'),
}

let api: Api
let server: Server
let origin: string
let asked: string[]
beforeAll(async () => {
  const photo = await picture(200, 100)
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.startsWith('/photos/away')) response.writeHead(302, { Location: '/private/a.jpg' }).end()
    else if (request.url?.endsWith('.txt')) response.end('hello, I am a text')
    else if (request.url?.endsWith('.jpg')) response.end(photo)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  origin = `http://${host}`
  const bare = await startApiWithoutWorkers()
  const fetch = createGuardedFetch({ allowHosts: [host] })
  api = {
    ...bare.with({
      img: { key, sources: [`${origin}/photos/`], fetch },
      presets: { square: { width: 30, height: 30, fit: 'cover', format: 'png' } },
    }),
    stop: bare.stop,
  }
})
afterAll(async () => {
  server.close()
  await api.stop()
})

const get = (path: string, headers: Record<string, string> = {}) =>
  api.request(`/img/${signPath(key, path)}${path}`, { headers })
const photo = (name = 'a.jpg') => `plain/${encodeURIComponent(`${origin}/photos/${name}`)}`
const uploadOf = async (bytes: Uint8Array) => {
  const answer = await api.request('/v1/uploads', { method: 'POST', body: new Uint8Array(bytes) })
  return ((await answer.json()) as { upload: string }).upload
}
const infoOf = async (answer: Response) => {
  expect(answer.status, await answer.clone().text()).toBe(200)
  return await sharp(Buffer.from(await answer.arrayBuffer())).metadata()
}

describe('the signature', () => {
  it('matches the example in imgproxy’s documentation', () => {
    const path = '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png'
    const expected = createHmac('sha256', key.key).update(key.salt).update(path).digest('base64url')
    expect(signPath(key, path)).toBe(expected)
    expect(signPath({ key: Buffer.from('secret'), salt: Buffer.from('hello') }, path)).toBe(
      'oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8',
    )
  })

  it.each([
    ['nothing', ''],
    ['another', 'a'.repeat(43)],
    ['a shorter one', 'abc'],
    ['characters that are not base64', '%%%'],
  ])('is not %s', async (_, signature) => {
    const answer = await api.request(`/img/${signature || '-'}/rs:fit:10:10/${photo()}`)
    expect([answer.status, (await problemOf(answer)).code]).toEqual([403, 'invalid_signature'])
  })

  it('covers every character of options and source', async () => {
    const path = `/rs:fit:10:10/${photo()}`
    const signature = signPath(key, path)
    expect((await api.request(`/img/${signature}${path}`)).status).toBe(200)
    for (const other of [
      path.replace('10', '11'),
      path.replace('a.jpg', 'b.jpg'),
      `${path}/`,
      path.toLowerCase().replace('%3a', '%3A'),
    ])
      if (other !== path) expect((await api.request(`/img/${signature}${other}`)).status).toBe(403)
  })

  it('is not available without a configured key', async () => {
    const { img: _, ...deps } = api.deps
    const off = api.with({ img: undefined as never })
    expect(deps.store).toBe(api.store)
    expect((await off.request(`/img/x/rs:fit:10:10/${photo()}`)).status).toBe(404)
  })
})

describe('a source', () => {
  it.each([
    ['plain', () => photo()],
    ['plain with an extension', () => `${photo()}@jpg`],
    ['base64url', () => Buffer.from(`${origin}/photos/a.jpg`).toString('base64url')],
    [
      'base64url in pieces with an extension',
      () =>
        `${Buffer.from(`${origin}/photos/a.jpg`)
          .toString('base64url')
          .replace(/(.{10})/g, '$1/')}.jpg`,
    ],
  ])('is taken %s', async (_, source) => {
    expect(await infoOf(await get(`/rs:fit:50:50/${source()}`))).toMatchObject({
      width: 50,
      height: 25,
      format: 'jpeg',
    })
  })

  it('may be an upload', async () => {
    const sha256 = await uploadOf(await quarters())
    expect(await infoOf(await get(`/w:20/plain/upload:${sha256}`))).toMatchObject({
      width: 20,
      height: 10,
      format: 'png',
    })
    expect((await get(`/w:20/plain/upload:${'0'.repeat(64)}`)).status).toBe(404)
  })

  it.each([
    [
      'next to an allowed folder',
      () => `plain/${encodeURIComponent(`${origin}/private/a.jpg`)}`,
      403,
      'img_source_forbidden',
    ],
    [
      'that leaves its folder',
      () => `plain/${encodeURIComponent(`${origin}/photos/../private/a.jpg`)}`,
      403,
      'img_source_forbidden',
    ],
    ['that redirects out of the list', () => photo('away.jpg'), 403, 'img_source_forbidden'],
    ['that is not there', () => photo('nothing'), 404, 'img_source_unavailable'],
    ['that is not a picture', () => photo('a.txt'), 422, 'not_an_image'],
    ['that is a file', () => 'plain/file:///etc/passwd', 422, 'invalid_img_address'],
    ['that is nothing', () => 'plain/', 422, 'invalid_img_address'],
    ['with a password', () => 'plain/http://a:b@example.org/', 422, 'invalid_img_address'],
    ['that is badly encoded', () => 'plain/%E0%A4%A', 422, 'invalid_img_address'],
  ])('%s is refused', async (_, source, status, code) => {
    const answer = await get(`/rs:fit:50:50/${source()}`)
    expect([answer.status, (await problemOf(answer)).code]).toEqual([status, code])
  })
})

it.each([
  ['https://example.org/photos/a.jpg', true],
  ['https://example.org/photos', true],
  ['https://example.org/photos/../a.jpg', false],
  ['https://example.org/photosynthesis.jpg', false],
  ['https://example.org.evil.example/photos/a.jpg', false],
  ['https://example.org:444/photos/a.jpg', false],
  ['http://example.org/photos/a.jpg', false],
])('%s is of https://example.org/photos: %s', (address, expected) => {
  expect(isAllowedSource(address, ['https://example.org/photos'])).toBe(expected)
})

describe('options', () => {
  it.each([
    ['rs:fit:50:50', { width: 50, height: 25 }],
    ['rs:fill:50:50', { width: 50, height: 50 }],
    ['rs:force:50:10', { width: 50, height: 10 }],
    ['rs:fill-down:400:400', { width: 200, height: 100 }],
    ['rs:fit:0:20', { width: 40, height: 20 }],
    ['s:400', { width: 200, height: 100 }],
    ['s:400:0:1', { width: 400, height: 200 }],
    ['w:20/h:20/ex:1', { width: 20, height: 20 }],
    ['rt:fill/w:20/h:30', { width: 20, height: 30 }],
    ['w:20/dpr:2', { width: 40 }],
    ['w:20/f:webp', { format: 'webp' }],
    ['w:20/rot:90', { width: 20, height: 40 }],
    [
      'w:20/q:30/bl:1/sh:1/gs:1/fl:1:1/bg:255:0:0/t:5/pg:1/ch:444',
      { isProgressive: true, chromaSubsampling: '4:4:4' },
    ],
    ['pr:square', { width: 30, height: 30, format: 'png' }],
    ['pr:square/w:10', { width: 10, height: 30 }],
    ['w:50/rc:max/wmt:aGVsbG8:0.5:noea/tn:f00/f:png', { format: 'png', hasAlpha: true }],
    ['w:50/sm:0/cb:7/ef:5/mb:5000', { width: 50 }],
    ['f:png', { width: 200, height: 100 }],
    ['c:60:40', { width: 60, height: 40 }],
    ['c:0.5:0/rs:fit:20:20', { width: 20, height: 20 }],
    ['c:0:0/w:20', { width: 20, height: 10 }],
    ['w:20/pd:1:2:3:4', { width: 26, height: 14 }],
    ['w:20/pd:5', { width: 30, height: 20 }],
    ['rs:fit:400:300/ex:1:soea:10:10', { width: 400, height: 300 }],
    ['rs:fit:20:20/exar:1', { width: 20, height: 20 }],
    ['w:20/z:1.5', { width: 30, height: 15 }],
    ['rt:force/w:20/h:20/z:1:0.5', { width: 20, height: 10 }],
    ['rs:auto:50:20', { width: 50, height: 20 }],
    ['rs:auto:20:50', { width: 20, height: 10 }],
    ['rs:auto:20', { width: 20, height: 10 }],
    ['w:20/ar:1/scp:1', { width: 20 }],
    ['rs:fill:10:10/g:fp:0.1:0.2', { width: 10 }],
    ['rs:fill:10:10/g:sm', { width: 10 }],
  ])('%s', async (options, expected) => {
    expect(await infoOf(await get(`/${options}/${photo()}`))).toMatchObject(expected)
  })

  it.each([
    'w:wide',
    'nonsense:1',
    'w:1e9',
    'rs:stretch:10:10',
    'g:up/w:5',
    'pr:nobody',
    'f:exe/w:5',
    'q:500/w:5',
    'bg:%E0/w:5',
    'exp:never/w:5',
    'wmt:/w:9',
    'ar:0/w:5',
    'scp:f/w:5',
    'z:2',
    'z:0/w:5',
    'c:10:10:sm',
    'c:-1:5',
    'pd:wide/w:5',
  ])('refuses %s by name', async (options) => {
    const answer = await get(`/${options}/${photo()}`)
    expect([answer.status, (await problemOf(answer)).code]).toEqual([422, 'invalid_img_address'])
  })

  it.each([
    ['c:10:10:soea', 'yellow'],
    ['c:10:10/g:nowe', 'red'],
    ['c:10:10:fp:0.1:0.1/g:soea', 'red'],
    ['rs:fill:10:10/g:we:0.4:0', 'green'],
    ['rs:fill:10:10/g:we', 'red'],
  ])('%s takes the %s part', async (options, colour) => {
    const answer = await get(`/${options}/f:png/plain/upload:${await uploadOf(await quarters())}`)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const { width = 0 } = await sharp(bytes).metadata()
    const [r = 0, g = 0, b = 0] = await pixelAt(bytes, width - 2, 2)
    expect([r > 128, g > 128, b > 128]).toEqual(
      { red: [true, false, false], green: [false, true, false], yellow: [true, true, false] }[colour],
    )
  })

  it.each([
    ['fn:bridge', 'inline; filename="bridge.jpg"; filename*=UTF-8\'\'bridge.jpg'],
    ['att:1', 'attachment; filename="picture.jpg"; filename*=UTF-8\'\'picture.jpg'],
    [
      `fn:${Buffer.from('Br\u00fccke "2"').toString('base64url')}:1/att:1`,
      'attachment; filename="Br_cke _2_.jpg"; filename*=UTF-8\'\'Br%C3%BCcke%20%222%22.jpg',
    ],
  ])('%s tells how to save it', async (options, expected) => {
    const answer = await get(`/w:20/${options}/${photo()}`)
    expect(answer.headers.get('Content-Disposition')).toBe(expected)
  })

  it('accept a preset with a watermark', async () => {
    const image = { upload: await uploadOf(await quarters()) }
    const presets = { signed: { watermark: { image, opacity: 1, size: 0.5 } } as never }
    const here = api.with({ img: api.deps.img!, presets })
    const [plain, signed] = await Promise.all(
      ['', '/pr:signed'].map(async (preset) => {
        const path = `${preset}/w:40/f:png/${photo()}`
        return Buffer.from(await (await here.request(`/img/${signPath(key, path)}${path}`)).arrayBuffer())
      }),
    )
    expect(await difference(plain!, signed!)).toBeGreaterThan(3)
  })

  it('expire', async () => {
    expect((await get(`/w:5/exp:1000/${photo()}`)).status).toBe(410)
    const good = await get(`/w:5/exp:${Math.floor(Date.now() / 1000) + 100}/${photo()}`)
    expect(good.headers.get('Cache-Control')).toMatch(/^public, max-age=(100|9\d)$/)
  })

  it('choose by Accept with auto, and set Vary', async () => {
    const path = `/w:20/f:auto/${photo()}`
    const webp = await get(path, { Accept: 'image/webp,*/*' })
    expect(webp.headers.get('Vary')).toBe('Accept')
    expect((await infoOf(webp)).format).toBe('webp')
    expect((await infoOf(await get(path, { Accept: 'image/*' }))).format).toBe('jpeg')
    expect((await infoOf(await get(path, { Accept: 'image/webp' }))).format).toBe('webp')
  })

  it.each(['image/webp;q=0', 'image/webp; q=0.0, */*', 'image/png, image/webp;q=0'])(
    'auto sends no format that is refused, as by %s',
    async (Accept) => {
      expect((await infoOf(await get(`/w:20/f:auto/${photo()}`, { Accept }))).format).toBe('jpeg')
    },
  )
})

describe('the cache', () => {
  it('makes a picture once and keeps it', async () => {
    const path = `/w:33/${photo('once.jpg')}`
    const answers = await Promise.all([get(path), get(path), get(path)])
    const first = await get(path)
    expect(asked.filter((url) => url.includes('once.jpg'))).toHaveLength(1)
    for (const answer of [...answers, first]) {
      expect(answer.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
      expect(answer.headers.get('Content-Type')).toBe('image/jpeg')
    }
    const etag = first.headers.get('ETag')!
    expect(answers.map((answer) => answer.headers.get('ETag'))).toEqual([etag, etag, etag])
    expect((await get(path, { 'If-None-Match': etag })).status).toBe(304)
    const bodies = await Promise.all([...answers, first].map((answer) => answer.arrayBuffer()))
    expect(new Set(bodies.map((body) => Buffer.from(body).toString('base64'))).size).toBe(1)
  })

  it('makes it again for another cachebuster', async () => {
    for (const cb of ['1', '2', '1']) await get(`/w:34/cb:${cb}/${photo('busted.jpg')}`)
    expect(asked.filter((url) => url.includes('busted.jpg'))).toHaveLength(2)
  })

  it('fetches a source once for several sizes', async () => {
    for (const width of [21, 22, 23]) await get(`/w:${width}/${photo('several.jpg')}`)
    expect(asked.filter((url) => url.includes('several.jpg'))).toHaveLength(1)
  })

  it.each([
    ['other bytes in its place', async () => Buffer.from('other bytes')],
    ['an end that is gone', async () => new ObjectDamaged('expected a trailer')],
  ])('makes it again after a power cut has left %s', async (what, damage) => {
    const path = `/w:35/cb:${what.length}/${photo('damaged.jpg')}`
    const kept = async () =>
      (await api.store.list('small', { prefix: 'signed/' })).objects.map(({ key }) => key)
    const before = await kept()
    const first = await get(path)
    const added = async () => (await kept()).find((key) => !before.includes(key))
    const stored = await vi.waitUntil(added, { timeout: 5000, interval: 10 })
    const damaged = await damage()
    const store = Object.create(api.store) as Api['store']
    store.get = async (bucket, asked, options) => {
      const object = await api.store.get(bucket, asked, options)
      if (asked !== stored) return object
      if (damaged instanceof Error) throw damaged
      return { ...object, body: Readable.from([damaged]) }
    }
    const again = await api.with({ store }).request(`/img/${signPath(key, path)}${path}`)
    expect([again.status, again.headers.get('ETag')]).toEqual([200, first.headers.get('ETag')])
    expect(await again.arrayBuffer()).toEqual(await first.arrayBuffer())
  })

  it('does not keep failures', async () => {
    const path = `/w:33/${photo('nothing-yet')}`
    expect((await get(path)).status).toBe(404)
    expect((await get(path)).headers.get('Cache-Control')).toBeNull()
  })
})

it('rejects requests beyond its capacity, and serves the rest', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => get(`/w:${n + 100}/${photo()}`)))
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]!.headers.get('Retry-After')).toBe('1')
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(300 - refused.length)
  expect(300 - refused.length).toBeGreaterThanOrEqual(16)
})

it('answers HEAD without a body', async () => {
  const path = `/w:12/${photo()}`
  const answer = await api.request(`/img/${signPath(key, path)}${path}`, { method: 'HEAD' })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

it('logged no errors', () => expect(api.errors).toEqual([]))
