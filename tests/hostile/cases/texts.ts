/** Texts: Unicode of every kind, far too long, or meant for another parser. */
import sharp from 'sharp'
import type { HostileCase } from '../hostile-case.ts'
import type { Target } from '../target.ts'

let picture: Promise<string> | undefined
const small = () => {
  picture ??= sharp({ create: { width: 32, height: 32, channels: 3, background: '#a52' } })
    .jpeg()
    .toBuffer()
    .then((bytes) => bytes.toString('base64'))
  return picture
}

const kinds: [what: string, text: string][] = [
  ['a NUL', 'a\0b'],
  ['half of a surrogate pair', 'a\ud800b'],
  ['letters from right to left', '\u202eevil\u202c'],
  ['200 accents on one letter', `Z${'\u0310\u0489'.repeat(100)}`],
  ['a family of emoji', '👨‍👩‍👧‍👦🏳️‍🌈'],
  ['line ends', 'a\r\nSet-Cookie: b=c'],
  ['SQL', "'; DROP TABLE executions; --"],
  ['a template', '{{7*7}}<%= 7 %>'],
  ['a page', '<img src=x onerror=alert(1)>'],
  ['a terminal escape', '\u001b]0;owned\u0007\u001b[31m'],
]

const order = async (more: object) => ({
  ...{ type: 'resize', width: 16, input: { base64: await small() } },
  ...more,
})
const waiting = { Prefer: 'wait=50' }

async function header(t: Target, name: string, value: string): Promise<string> {
  const body = JSON.stringify(await order({}))
  return await t.raw(
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${name === 'Prefer' ? '' : 'Prefer: wait=50\r\n'}${name}: ${value}\r\n\r\n${body}`,
  )
}

export const texts: HostileCase[] = [
  ...kinds.map(
    ([what, text]): HostileCase => ({
      name: `metadata with ${what}`,
      expected: 'succeeded',
      attack: async (t) =>
        await t.post('/v1/jobs', await order({ metadata: { [text.slice(0, 60)]: text } }), waiting),
    }),
  ),
  ...kinds.map(
    ([what, text]): HostileCase => ({
      name: `a watermark of ${what}`,
      expected: ['succeeded', '422 invalid_request', 'failed invalid_option'],
      attack: async (t) => await t.post('/v1/jobs', await order({ watermark: { text } }), waiting),
    }),
  ),
  {
    name: 'a watermark with unclosed Pango markup',
    expected: 'succeeded',
    attack: async (t) =>
      await t.post(
        '/v1/jobs',
        await order({ watermark: { text: '<span size="900pt"><b>&#x1F4A9;' } }),
        waiting,
      ),
  },
  {
    name: 'a handle of NUL and half a surrogate',
    expected: '422 invalid_request',
    attack: async (t) =>
      await t.post('/v1/jobs', {
        ...{ type: 'mosaic', input: { base64: await small() } },
        author: { handle: 'a\0\ud800' },
      }),
  },
  {
    name: 'an Idempotency-Key of 10,000 characters',
    expected: '400 invalid_header',
    attack: (t) => header(t, 'Idempotency-Key', 'k'.repeat(10_000)),
  },
  {
    name: 'an Idempotency-Key that is not ASCII',
    expected: '400 invalid_header',
    attack: (t) => header(t, 'Idempotency-Key', 'ключ'),
  },
  {
    name: 'a wait of 10 to the 300',
    expected: '400 invalid_header',
    attack: (t) => header(t, 'Prefer', `wait=1${'0'.repeat(300)}`),
  },
  {
    name: 'an Accept header of 10 KB that makes a careless pattern backtrack',
    expected: '200',
    attack: (t) => header(t, 'Accept', `image/avif${' ;'.repeat(5_000)}q=0`),
  },
  {
    name: 'a Content-Type of 10 KB of slashes',
    expected: '415 unsupported_media_type',
    attack: (t) =>
      t.request('/v1/jobs', {
        method: 'POST',
        headers: { 'Content-Type': `application/${'+x'.repeat(5_000)}` },
        body: '{}',
      }),
  },
  {
    name: 'a made-up cursor',
    expected: '422 invalid_request',
    attack: (t) => t.request(`/v1/jobs?after=${'A'.repeat(4_000)}.deadbeef`),
  },
  {
    name: 'a webhook into the private network',
    expected: ['422 webhooks_off', '422 invalid_request'],
    attack: async (t) => await t.post('/v1/jobs', await order({ webhook: 'http://169.254.169.254/' })),
  },
]
