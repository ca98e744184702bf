import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { Resolve } from '../../adapters/guarded-fetch/connector.ts'
import {
  createGuardedFetch,
  FetchError,
  guardedFetchFor,
} from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { specialRange } from '../../adapters/guarded-fetch/public-address.ts'

let server: Server
let port: number
let handler: (request: IncomingMessage, response: ServerResponse) => void
let connections: Socket[]

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response))
  server.on('connection', (socket) => connections.push(socket))
  // Listens on all addresses of this machine, so that no notation of them could fail for another reason.
  await once(server.listen(0, '::'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  connections = []
  handler = (_, response) => response.end('hello')
})
afterEach(() => server.closeAllConnections())

/** A resolver for these names that counts its queries. */
function resolver(names: Record<string, string[] | (() => string[])>): Resolve & { asked: string[] } {
  const asked: string[] = []
  const resolve: Resolve = (hostname, _, callback) => {
    asked.push(hostname)
    const known = names[hostname]
    const addresses = typeof known === 'function' ? known() : known
    if (addresses === undefined) callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), [])
    else
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  }
  return Object.assign(resolve, { asked })
}

const failure = async (promise: Promise<unknown>): Promise<FetchError> => {
  const error = await promise.then(
    () => new Error('expected a failure'),
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(FetchError)
  return error
}
const here = (path = '/') => `http://127.0.0.1:${port}${path}`
const open = (more = {}) => createGuardedFetch({ allowHosts: [`127.0.0.1:${port}`], ...more })

describe('public addresses', () => {
  it.each([
    ...[
      '8.8.8.8',
      '1.1.1.1',
      '93.184.216.34',
      '172.15.255.255',
      '172.32.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '223.255.255.255',
    ],
    ...[
      '169.253.255.255',
      '169.255.0.0',
      '198.17.255.255',
      '198.20.0.0',
      '192.0.1.0',
      '11.0.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ],
    ...[
      '2606:4700::1111',
      '2a00:1450:4001::200e',
      '2001:4860:4860::8888',
      '64:ff9b::8.8.8.8',
      '::ffff:8.8.8.8',
      '2003::1',
    ],
  ])('%s is one', (address) => expect(specialRange(address)).toBeUndefined())

  it.each([
    // loopback, this host
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::', '0:0:0:0:0:0:0:1'],
    // private, carrier-grade NAT, link-local with the clouds' metadata services
    ...[
      '10.0.0.1',
      '10.255.255.255',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '100.127.255.255',
    ],
    ...[
      '169.254.169.254',
      '169.254.170.2',
      '169.254.0.1',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'fec0::1',
      'fd00:ec2::254',
      'fc00::1',
    ],
    // multicast, broadcast, reserved, documentation, benchmarks
    ...[
      '224.0.0.1',
      '239.255.255.250',
      'ff02::1',
      '255.255.255.255',
      '240.0.0.1',
      '254.254.254.254',
      '192.0.0.1',
      '192.0.0.170',
    ],
    ...[
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '2001:db8::1',
      '3fff::1',
      '198.18.0.1',
      '198.19.255.255',
      '192.88.99.1',
    ],
    ...[
      '192.31.196.1',
      '192.52.193.1',
      '192.175.48.1',
      '2620:4f:8000::1',
      '5f00::1',
      '100::1',
      '2001:2::1',
      '2001:10::1',
      '2001:20::1',
    ],
    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:10.0.0.1',
      '::ffff:169.254.169.254',
      '::127.0.0.1',
      '::8.8.8.8',
      '::ffff:0:127.0.0.1',
    ],
    ...[
      '64:ff9b::127.0.0.1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b::10.0.0.1',
      '64:ff9b:1::8.8.8.8',
      '2002:7f00:1::',
      '2002:808:808::1',
    ],
    ...['2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1'],
    // no addresses at all
    ...['', 'localhost', '1.2.3', 'x::y'],
  ])('%s is not public', (address) => expect(specialRange(address)).toBeTypeOf('string'))
})

describe('guarded fetch refuses', () => {
  it.each([
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '017700000001',
      '0',
      '0.0.0.0',
      '127.0.0.1.',
    ],
    ...['%31%32%37.0.0.1', '１２７.０.０.１', '127。0。0。1', '①②⑦.0.0.1'],
    ...[
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
    ],
    ...['localhost', 'LOCALHOST', 'localhost.', 'LocalHost.'],
    ...[
      '169.254.169.254',
      '2852039166',
      '10.0.0.1',
      '192.168.1.1',
      '172.16.0.1',
      '100.64.0.1',
      '[fe80::1]',
      '[fd00::1]',
      '224.0.0.1',
    ],
  ])('http://%s', async (host) => {
    const error = await failure(createGuardedFetch({ timeoutMs: 5_000 })(`http://${host}:${port}/`))
    expect(error).toMatchObject({ code: 'address_forbidden', retryable: false })
    expect(connections).toEqual([])
  })

  it.each([
    ...[
      '',
      'photo.jpg',
      '//host/x',
      'ftp://example.com/x',
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      'javascript:alert(1)',
    ],
    ...[
      'gopher://x/',
      'http://',
      'http:///',
      'https://user:secret@example.com/',
      'http://[::1',
      'http://256.256.256.256/',
      'http://a b/',
      'http://x:99999/',
    ],
    `http://example.com/${'a'.repeat(9_000)}`,
  ])('%j as an address', async (url) => {
    const error = await failure(createGuardedFetch()(url))
    expect(error).toMatchObject({ code: 'url_invalid', retryable: false })
    expect(error.message).not.toContain('secret')
    expect(error.message.length).toBeLessThan(250)
  })

  it.each([22, 25, 53, 110, 143, 445, 465, 587, 993])('port %d', async (closed) => {
    const error = await failure(createGuardedFetch()(`http://example.com:${closed}/`))
    expect(error).toMatchObject({ code: 'port_forbidden', retryable: false })
  })

  it.each([
    ['a private address', ['10.0.0.1']],
    ['one private address among public ones', ['93.184.216.34', '127.0.0.1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
    ['an IPv6 loopback', ['2606:4700::1111', '::1']],
  ])('a name that resolves to %s', async (_, addresses) => {
    const resolve = resolver({ 'evil.test': addresses })
    const error = await failure(
      createGuardedFetch({ resolve, timeoutMs: 5_000 })(`http://evil.test:${port}/`),
    )
    expect(error.code).toBe('address_forbidden')
    expect(connections).toEqual([])
  })

  it('a name that resolves differently each time: it is resolved once, and that address is used', async () => {
    let answers = 0
    const resolve = resolver({ 'rebind.test': () => (answers++ === 0 ? ['127.0.0.1'] : ['93.184.216.34']) })
    const fetch = createGuardedFetch({ resolve, timeoutMs: 5_000 })
    expect((await failure(fetch(`http://rebind.test:${port}/`))).code).toBe('address_forbidden')
    expect(resolve.asked).toEqual(['rebind.test'])
    expect(connections).toEqual([])
  })

  it('a name that was allowed once and has moved: every new connection is checked', async () => {
    let answers = 0
    const resolve = resolver({ 'moving.test': () => (answers++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']) })
    // Only one port is allowed: the redirect leaves it for a name that is private by then.
    handler = (_, response) => response.writeHead(302, { location: `http://moving.test:${port + 1}/` }).end()
    const fetch = createGuardedFetch({ allowHosts: [`moving.test:${port}`], resolve, timeoutMs: 5_000 })
    expect((await failure(fetch(`http://moving.test:${port}/`))).code).toBe('address_forbidden')
    expect(resolve.asked).toEqual(['moving.test', 'moving.test'])
  })

  it.each([
    ['a private address', () => `http://127.0.0.2:${port}/secret`],
    ['a decimal address', () => `http://2130706434:${port}/secret`],
    ['localhost', () => `http://localhost.:${port}/secret`],
    ['a name that is private', () => `http://evil.test:${port}/secret`],
    ['an address without a scheme', () => `//127.0.0.2:${port}/secret`],
  ])('a redirect to %s', async (_, target) => {
    const paths: string[] = []
    handler = (request, response) => {
      paths.push(request.url!)
      response.writeHead(302, { location: target() }).end()
    }
    const resolve = resolver({ 'evil.test': ['127.0.0.1'], 'localhost.': ['127.0.0.1'] })
    const error = await failure(open({ resolve })(here('/start')))
    expect(error.code).toBe('address_forbidden')
    expect(paths).toEqual(['/start'])
  })

  it.each([
    ['file:///etc/passwd', 'url_invalid'],
    ['ftp://127.0.0.1/', 'url_invalid'],
    ['http://127.0.0.1:22/', 'port_forbidden'],
  ])('a redirect to %s', async (location, code) => {
    handler = (_, response) => response.writeHead(301, { location }).end()
    expect((await failure(open()(here()))).code).toBe(code)
  })

  it('a redirect from an allowed host to another port of it', async () => {
    const other = createServer((_, response) => response.end('secret'))
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
    handler = (_, response) => response.writeHead(302, { location }).end()
    expect((await failure(open()(here()))).code).toBe('address_forbidden')
    other.close()
  })
})

describe('guarded fetch', () => {
  it('returns bytes, type and final URL, and reports progress', async () => {
    const bytes = Buffer.alloc(300_000, 'x')
    handler = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'Image/JPEG; charset=x', 'content-length': bytes.length })
        .end(bytes)
    const progress: [number, number][] = []
    const fetched = await open()(`${here('/photo.jpg?size=1')}#top`, {
      onProgress: (done, total) => progress.push([done, total]),
    })
    expect(fetched).toMatchObject({ contentType: 'image/jpeg', finalUrl: `${here('/photo.jpg?size=1')}#top` })
    expect(bytes.equals(fetched.bytes)).toBe(true)
    expect(progress.at(-1)).toEqual([300_000, 300_000])
    expect(progress.map(([done]) => done)).toEqual(progress.map(([done]) => done).sort((a, b) => a - b))
  })

  it.each([undefined, 'nonsense', 'image/jpeg\u00e9', ''])(
    'calls a body of type %j plain bytes',
    async (type) => {
      handler = (_, response) => {
        if (type !== undefined)
          response.setHeader('content-type', Buffer.from(type, 'latin1').toString('latin1'))
        response.end('x')
      }
      expect((await open()(here())).contentType).toBe('application/octet-stream')
    },
  )

  it('follows redirects, including relative ones, up to the limit', async () => {
    handler = (request, response) => {
      const left = Number(request.url!.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead([301, 302, 303, 307, 308][left % 5]!, { location: `${left - 1}` }).end()
    }
    const fetched = await open()(here('/5'))
    expect(fetched.finalUrl).toBe(here('/0'))
    expect(Buffer.from(fetched.bytes).toString()).toBe('there')
    expect(await failure(open()(here('/6')))).toMatchObject({ code: 'too_many_redirects', retryable: false })
    expect((await failure(open({ maxRedirects: 0 })(here('/1')))).code).toBe('too_many_redirects')
  })

  it('reaches allowed hosts by name, with or without a port, as the environment lists them', async () => {
    const resolve = resolver({ 'photos.test': ['127.0.0.1'] })
    const url = `http://PHOTOS.test.:${port}/`
    for (const allowHosts of [['photos.test'], [`photos.test:${port}`], [`Photos.Test.:${port}`]]) {
      const names = resolver({ 'photos.test': ['127.0.0.1'], 'photos.test.': ['127.0.0.1'] })
      expect((await createGuardedFetch({ allowHosts, resolve: names })(url)).bytes).toHaveLength(5)
    }
    for (const allowHosts of [['photos.test:1'], ['test'], ['hotos.test'], [`127.0.0.1:${port}`]]) {
      expect(
        (await failure(createGuardedFetch({ allowHosts, resolve })(`http://photos.test:${port}/`))).code,
      ).toBe('address_forbidden')
    }
    const fetch = guardedFetchFor(
      loadEnvironment({ FETCH_ALLOW_HOSTS: `[::1]:${port}, 127.0.0.1:${port}`, MAX_PICTURE_BYTES: '4' }),
    )
    for (const url of [here(), `http://[::1]:${port}/`])
      expect((await failure(fetch(url))).code).toBe('response_too_large')
  })

  it('cannot be created with an invalid allowed host', () => {
    for (const bad of ['http://x', 'a/b', '*.x', 'a:b', ''])
      expect(() => createGuardedFetch({ allowHosts: [bad] })).toThrow(TypeError)
  })

  it('ignores proxy variables', async () => {
    process.env.HTTP_PROXY = process.env.http_proxy = 'http://127.0.0.1:9'
    try {
      expect((await open()(here())).bytes).toHaveLength(5)
    } finally {
      delete process.env.HTTP_PROXY
      delete process.env.http_proxy
    }
  })

  it.each([
    ['says so', true],
    ['does not say so', false],
  ])('stops at a body that is too large and %s', async (_, says) => {
    let sent = 0
    let ended: Promise<unknown> | undefined
    handler = (_, response) => {
      if (says) response.setHeader('content-length', 50_000_000)
      ended = once(response, 'close')
      const more = () => {
        while (sent < 50_000_000 && !response.destroyed) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536))) return response.once('drain', more)
        }
      }
      more()
    }
    const error = await failure(open()(here(), { maxBytes: 1_000_000 }))
    expect(error).toMatchObject({ code: 'response_too_large', retryable: false })
    await ended
    expect(sent).toBeLessThan(20_000_000)
  })

  it('accepts a body of exactly the maximum size', async () => {
    expect((await open({ maxBytes: 5 })(here())).bytes).toHaveLength(5)
    expect((await failure(open({ maxBytes: 4 })(here()))).code).toBe('response_too_large')
  })

  it.each([
    ['never answers', () => undefined],
    [
      'never ends its headers',
      (response: ServerResponse) => response.socket!.write('HTTP/1.1 200 OK\r\nX-A: '),
    ],
    [
      'drips',
      (response: ServerResponse) => {
        const timer = setInterval(() => response.write('x'), 20)
        response.once('close', () => clearInterval(timer))
      },
    ],
    [
      'redirects forever, slowly',
      (response: ServerResponse) => {
        const timer = setTimeout(() => response.writeHead(302, { location: '/' }).end(), 120)
        response.once('close', () => clearTimeout(timer))
      },
    ],
  ])('gives up on a server that %s', async (_, answer) => {
    handler = (_, response) => void answer(response)
    expect(await failure(open({ timeoutMs: 300, maxRedirects: 50 })(here()))).toMatchObject({
      code: 'fetch_timeout',
      retryable: true,
    })
  })

  it('ends at once with the caller’s reason when it is aborted', async () => {
    const abort = new AbortController()
    handler = (_, response) => {
      response.write('x')
      setImmediate(() => abort.abort(new Error('the job was cancelled')))
    }
    await expect(open()(here(), { signal: abort.signal })).rejects.toThrow('the job was cancelled')
    await expect(open()(here(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  it.each([
    [404, {}, false, undefined],
    [403, { 'retry-after': '5' }, false, undefined],
    [204, {}, false, undefined],
    [206, {}, false, undefined],
    [304, {}, false, undefined],
    [302, {}, false, undefined],
    [500, {}, true, undefined],
    [408, {}, true, undefined],
    [429, { 'retry-after': '7' }, true, 7],
    [503, { 'retry-after': '999999999' }, true, 86_400],
    [503, { 'retry-after': 'soon' }, true, undefined],
    [503, { 'retry-after': new Date(Date.now() - 60_000).toUTCString() }, true, 0],
  ])('reports status %d with %j', async (status, headers, retryable, retryAfterSeconds) => {
    handler = (_, response) => response.writeHead(status, headers).end()
    const error = await failure(open()(here()))
    expect(error).toMatchObject({ code: 'http_status', status, retryable })
    expect(error.retryAfterSeconds).toBe(retryAfterSeconds)
  })

  it('reads a date in Retry-After', async () => {
    handler = (_, response) =>
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end()
    const { retryAfterSeconds } = await failure(open()(here()))
    expect(retryAfterSeconds).toBeGreaterThan(50)
    expect(retryAfterSeconds).toBeLessThanOrEqual(60)
  })

  it.each([
    [
      'is cut short',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': 100 })
        response.write('x')
        setImmediate(() => response.destroy())
      },
      'connection_failed',
      true,
    ],
    ['is cut before it begins', (response: ServerResponse) => response.destroy(), 'connection_failed', true],
    [
      'is not HTTP',
      (response: ServerResponse) => response.socket!.end('SSH-2.0-OpenSSH_9.2\r\n'),
      'response_invalid',
      false,
    ],
    [
      'has headers without end',
      (response: ServerResponse) =>
        response.socket!.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
      'response_invalid',
      false,
    ],
    [
      'is packed',
      (response: ServerResponse) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      'encoding_unsupported',
      false,
    ],
  ])('reports an answer that %s', async (_, answer, code, retryable) => {
    handler = (_, response) => void answer(response)
    expect(await failure(open()(here()))).toMatchObject({ code, retryable })
  })

  it('reports names without address, refused connections and untrusted certificates', async () => {
    const none = createGuardedFetch({ resolve: resolver({ 'empty.test': [] }), timeoutMs: 5_000 })
    expect(await failure(none('http://nowhere.test/'))).toMatchObject({
      code: 'dns_failed',
      retryable: false,
    })
    expect(await failure(none('http://empty.test/'))).toMatchObject({ code: 'dns_failed', retryable: false })
    const busy: Resolve = (_, __, callback) =>
      callback(Object.assign(new Error('busy'), { code: 'EAI_AGAIN' }), [])
    expect(await failure(createGuardedFetch({ resolve: busy })('http://x.test/'))).toMatchObject({
      code: 'dns_failed',
      retryable: true,
    })
    const refused = createGuardedFetch({ allowHosts: ['127.0.0.1:9'] })
    expect(await failure(refused('http://127.0.0.1:9/'))).toMatchObject({
      code: 'connection_failed',
      retryable: true,
    })
    expect(await failure(open()(`https://127.0.0.1:${port}/`))).toMatchObject({
      code: 'tls_failed',
      retryable: false,
    })
  })

  it('sends no cookies, credentials or referrer', async () => {
    let sent: IncomingMessage['headers'] = {}
    handler = (request, response) => {
      sent = request.headers
      response.end('x')
    }
    await open()(here())
    expect(Object.keys(sent).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })
})
