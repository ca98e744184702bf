/** Malformed HTTP, JSON and forms: endless bodies, oversized headers. */
import { connect } from 'node:net'
import sharp from 'sharp'
import type { HostileCase } from '../hostile-case.ts'
import type { Target } from '../target.ts'

const small = async () =>
  (
    await sharp({ create: { width: 32, height: 32, channels: 3, background: '#a52' } })
      .jpeg()
      .toBuffer()
  ).toString('base64')

const head = (target: string, ...lines: string[]) =>
  [`POST ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n')
const json = 'Content-Type: application/json'

/** Sends chunks until the server closes, at most 200 MB. */
async function endless(site: string, path: string, type: string): Promise<string> {
  const { hostname, port } = new URL(site)
  const socket = connect(Number(port), hostname)
  let said = ''
  let sent = 0
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')])
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('data', (data) => {
    said += data.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.write(head(path, `Content-Type: ${type}`, 'Transfer-Encoding: chunked'))
  const more = () => {
    while (!socket.destroyed && said === '' && sent < 200e6) {
      sent += chunk.length
      if (!socket.write(chunk)) return void socket.once('drain', more)
    }
    socket.end()
  }
  more()
  await over
  const status = /^HTTP\/1\.1 (\d{3})/.exec(said)?.[1]
  const code = /"code":"(\w+)"/.exec(said)?.[1]
  return sent >= 200e6 ? 'took 200 MB' : status === undefined ? 'closed' : `${status} ${code}`
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const boundary = 'X'
function parts(...bodies: [head: string, body: string][]): string {
  return `${bodies.map(([inner, body]) => `--${boundary}\r\n${inner}\r\n\r\n${body}\r\n`).join('')}--${boundary}--\r\n`
}
const form = (t: Target, body: string, type = `multipart/form-data; boundary=${boundary}`) =>
  t.request('/v1/jobs', { method: 'POST', headers: { 'Content-Type': type }, body })
const field = (name: string) => `Content-Disposition: form-data; name="${name}"`
const file = (name: string) => `${field('image')}; filename="${name}"\r\nContent-Type: image/jpeg`
const order = JSON.stringify({ type: 'resize', width: 16 })

export const bodies: HostileCase[] = [
  ...(
    [
      ['/v1/uploads', 'image/jpeg', '413 image_too_large'],
      ['/v1/jobs', 'application/json', '413 body_too_large'],
      ['/v1/jobs', `multipart/form-data; boundary=${boundary}`, '413 body_too_large'],
      ['/v1/bulk', `multipart/form-data; boundary=${boundary}`, '413 body_too_large'],
      ['/v1/tiles', 'application/json', '413 body_too_large'],
      ['/v1/links', 'application/json', '413 body_too_large'],
      ['/api/', 'application/json', '413 body_too_large'],
    ] as const
  ).map(
    ([path, type, expected]): HostileCase => ({
      name: `a body of ${type.split(';')[0]} to ${path} that never ends`,
      expected,
      attack: (t) => endless(t.site, path, type),
    }),
  ),
  {
    name: 'a body that claims 10 GB',
    expected: '413 image_too_large',
    attack: (t) => t.raw(head('/v1/uploads', 'Content-Length: 10000000000'), 'xxxx'),
  },
  ...(['/v1/uploads', '/v1/jobs', '/v1/bulk'] as const).map(
    (path): HostileCase => ({
      name: `a body to ${path} shorter than its length`,
      expected: ['closed', '400', '400 invalid_json', '400 bad_request'],
      attack: (t) => t.brokenOff(head(path, json, 'Content-Length: 1000'), '{"type":'),
    }),
  ),
  {
    name: 'two Content-Length headers',
    expected: '400',
    attack: (t) => t.raw(head('/v1/jobs', json, 'Content-Length: 2', 'Content-Length: 4'), '{}'),
  },
  {
    name: 'Content-Length and chunked encoding (request smuggling)',
    expected: '400',
    attack: (t) =>
      t.raw(head('/v1/jobs', json, 'Content-Length: 5', 'Transfer-Encoding: chunked'), '0\r\n\r\nGET /'),
  },
  {
    name: 'a chunk size that is not a number',
    expected: ['400', '400 invalid_json', '400 bad_request', 'closed'],
    attack: (t) => t.raw(head('/v1/jobs', json, 'Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'),
  },
  {
    name: 'a compressed body',
    expected: '400 invalid_json',
    attack: (t) => t.post('/v1/jobs', '\x1f\x8b\x08', { 'Content-Encoding': 'gzip' }),
  },
  {
    name: 'headers of 100 KB',
    expected: '431',
    attack: (t) => t.raw(head('/v1/jobs', `X-A: ${'a'.repeat(100_000)}`)),
  },
  {
    name: '2,000 headers',
    expected: ['431', '400 invalid_json', '415 unsupported_media_type'],
    attack: (t) =>
      t.raw(head('/v1/jobs', ...Array.from({ length: 2_000 }, (_, n) => `X${n}: a`), 'Content-Length: 0')),
  },
  ...(
    [
      ['an invalid Host', 'Host: a b<c>'],
      ['no Host at all', 'X-A: a'],
    ] as const
  ).map(
    ([what, line]): HostileCase => ({
      name: what,
      expected: /^400/,
      attack: (t) => t.raw(`GET /v1/jobs HTTP/1.1\r\n${line}\r\nConnection: close\r\n\r\n`),
    }),
  ),
  ...(
    [
      ['TRACE', /^(405 method_not_allowed|404 not_found|400|501)$/],
      ['CONNECT', /^(closed|40\d.*)$/],
      ['PROPFIND', /^405 method_not_allowed$/],
      ['BREW', /^400$/],
    ] as const
  ).map(
    ([method, expected]): HostileCase => ({
      name: `the method ${method}`,
      expected,
      attack: (t) => t.raw(`${method} /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    }),
  ),
  {
    name: 'a line that is not HTTP',
    expected: '400',
    attack: (t) => t.raw('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  },
  {
    name: 'a URL of 60 KB',
    expected: '431',
    attack: (t) => t.raw(`GET /v1/jobs/${'a'.repeat(60_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
  },
  {
    name: 'a URL with path traversal',
    expected: ['404 not_found', '404 file_not_found', '404 job_not_found'],
    attack: (t) =>
      t.raw(
        'GET /v1/jobs/mosaic-a/files/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      ),
  },
  {
    name: 'an asset with path traversal',
    expected: '404',
    attack: (t) =>
      t.raw(
        'GET /assets/..%2f..%2f..%2f..%2fpackage.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      ),
  },
  {
    name: '10 MB of base64 with one invalid character',
    expected: '422 invalid_base64',
    attack: (t) => {
      const text = 'QUJD'.repeat(2.5e6)
      return t.post('/v1/jobs', {
        ...{ type: 'resize', width: 16 },
        input: { base64: `${text.slice(0, 9e6)}*${text.slice(9e6 + 1)}` },
      })
    },
  },
  {
    name: '10 MB of base64 that ends in 5 MB of padding',
    expected: '422 invalid_base64',
    attack: (t) =>
      t.post('/v1/jobs', {
        ...{ type: 'resize', width: 16 },
        input: { base64: 'QUJD'.repeat(1.25e6) + '='.repeat(5e6) },
      }),
  },
  ...(['/v1/jobs', '/v1/bulk', '/v1/tiles', '/v1/collectors'] as const).map(
    (path): HostileCase => ({
      name: `JSON of a million levels to ${path}`,
      expected: ['422 invalid_request', '400 invalid_json'],
      attack: (t) => t.post(path, deep(1_000_000)),
    }),
  ),
  {
    name: 'JSON of 200,000 levels to /api/',
    expected: ['400', '500'],
    attack: (t) => t.post('/api/', deepObject(200_000)),
  },
  {
    name: 'metadata of 100,000 levels',
    expected: '422 invalid_request',
    attack: async (t) =>
      await t.post(
        '/v1/jobs',
        `{"type":"resize","width":9,"input":{"base64":"${await small()}"},"metadata":{"a":${deepObject(100_000)}}}`,
      ),
  },
  {
    name: 'JSON with 200,000 unknown fields',
    expected: '422 invalid_request',
    attack: (t) =>
      t.post(
        '/v1/jobs',
        JSON.stringify({
          type: 'resize',
          ...Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`k${n}`, n])),
        }),
      ),
  },
  {
    name: 'JSON with a number of a million digits',
    expected: '422 invalid_request',
    attack: (t) => t.post('/v1/jobs', `{"type":"resize","width":${'9'.repeat(1e6)}}`),
  },
  {
    name: 'JSON with __proto__ and constructor',
    expected: '422 invalid_request',
    attack: (t) =>
      t.post(
        '/v1/jobs',
        '{"type":"resize","width":9,"__proto__":{"admin":true},"constructor":{"prototype":{"a":1}}}',
      ),
  },
  {
    name: '100,000 invalid URLs in a bulk job',
    expected: ['422 invalid_url', '422 invalid_request'],
    attack: (t) =>
      t.post('/v1/bulk', { width: 9, input: { urls: Array.from({ length: 100_000 }, () => 'x:y') } }),
  },
  {
    name: 'a form of 20,000 parts',
    expected: ['422 invalid_request', '400 invalid_form'],
    attack: (t) =>
      form(t, parts(...Array.from({ length: 20_000 }, (_, n): [string, string] => [field(`p${n}`), 'x']))),
  },
  {
    name: 'a form of 20,000 jobs',
    expected: ['422 invalid_request', '400 invalid_form'],
    attack: (t) =>
      form(t, parts(...Array.from({ length: 20_000 }, (): [string, string] => [field('job'), order]))),
  },
  {
    name: 'a form that ends in the middle of a part',
    expected: '400 invalid_form',
    attack: (t) => form(t, `--${boundary}\r\n${field('job')}\r\n\r\n${order}`),
  },
  {
    name: 'a form with part headers of 1 MB',
    expected: ['400 invalid_form', '422 invalid_request'],
    attack: (t) => form(t, parts([`${field('job')}\r\nX-A: ${'a'.repeat(1e6)}`, order])),
  },
  {
    name: 'a form with an unnamed part',
    expected: '400 invalid_form',
    attack: (t) => form(t, parts(['Content-Disposition: form-data', order])),
  },
  {
    name: 'a form with a boundary of 5,000 characters',
    expected: '400 invalid_form',
    attack: (t) => form(t, 'x', `multipart/form-data; boundary=${'b'.repeat(5_000)}`),
  },
  {
    name: 'a form without a boundary',
    expected: '400 invalid_form',
    attack: (t) => form(t, parts([field('job'), order]), 'multipart/form-data'),
  },
  {
    name: 'a form of 5 MB of boundaries',
    expected: '400 invalid_form',
    attack: (t) => form(t, `--${boundary}\r\n`.repeat(1e6)),
  },
  ...(
    [
      ['climbs', '../../../etc/passwd'],
      ['is a program', 'evil.php%00.jpg'],
      ['ends the header', 'a%0d%0aSet-Cookie: a=b'],
      ['is of every kind of Unicode', '🏳️‍🌈\u202egpj.e\u0301\u200b﷽Ω\ufeff.jpg'],
    ] as const
  ).map(
    ([what, name]): HostileCase => ({
      name: `a file whose name ${what}`,
      expected: 'succeeded',
      attack: async (t) =>
        await t.resize(Buffer.from(await small(), 'base64'), {}, { name, type: 'image/jpeg' }),
    }),
  ),
  {
    name: 'a form inside of a form',
    expected: ['422 invalid_request', '422 not_an_image', '400 invalid_form'],
    attack: (t) =>
      form(
        t,
        parts([field('job'), order], [file('a.jpg'), parts([field('job'), order]).replaceAll('X', 'Y')]),
      ),
  },
]
