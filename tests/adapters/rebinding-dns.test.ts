/** A name server that changes its mind between two questions (DNS rebinding), asked over a real socket. */
import { createSocket, type Socket } from 'node:dgram'
import { Resolver } from 'node:dns'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Resolve } from '../../adapters/guarded-fetch/connector.ts'
import { createGuardedFetch } from '../../adapters/guarded-fetch/guarded-fetch.ts'

let names: Socket
let inside: Server
let port: number
let visits = 0
/** What it answers next, and what it was asked. */
let answers: string[] = []
let asked: string[] = []

beforeAll(async () => {
  names = createSocket('udp4')
  names.on('message', (question, { port, address }) => names.send(answerTo(question), port, address))
  names.bind(0, '127.0.0.1')
  await once(names, 'listening')
  inside = createServer((_, response) => {
    visits++
    response.end('a secret of the inside')
  }).listen(0, '127.0.0.1')
  await once(inside, 'listening')
  port = (inside.address() as AddressInfo).port
})
afterAll(() => {
  names.close()
  inside.close()
})

/** One A record with a time to live of 0 (RFC 1035, section 4): whoever asks again gets the next answer. */
function answerTo(question: Buffer): Buffer {
  let end = 12
  const labels: string[] = []
  for (let length = question[end]!; length > 0; length = question[end]!) {
    labels.push(question.toString('latin1', end + 1, end + 1 + length))
    end += length + 1
  }
  const type = question.readUInt16BE(end + 1)
  const asksForA = type === 1
  if (asksForA) asked.push(labels.join('.'))
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(asksForA ? 1 : 0, 6)
  head.fill(0, 8, 12)
  const echoed = question.subarray(12, end + 5)
  if (!asksForA) return Buffer.concat([head, echoed])
  const address = answers.length > 1 ? answers.shift()! : answers[0]!
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)])
  return Buffer.concat([head, echoed, record])
}

/** As the system resolves, without a cache, by this one server. */
const resolve: Resolve = (hostname, _, callback) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  const { port: at } = names.address()
  resolver.setServers([`127.0.0.1:${at}`])
  resolver.resolve4(hostname, (error, found) =>
    callback(
      error,
      (found ?? []).map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    ),
  )
}

const attempt = async (path = '') => {
  asked = []
  visits = 0
  const fetch = createGuardedFetch({ resolve, timeoutMs: 4_000 })
  return await fetch(`http://rebind.test:${port}/${path}`).then(
    () => 'fetched',
    (error: { code: string }) => error.code,
  )
}

it('an address inside is refused, whoever names it', async () => {
  answers = ['127.0.0.1']
  expect(await attempt()).toBe('address_forbidden')
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})

it('a name is asked for once and what was looked at is what is connected to', async () => {
  // A guard that asks twice would look at the first answer and connect to the second. Nobody answers at TEST-NET, and
  // special it is.
  answers = ['203.0.113.1', '127.0.0.1']
  expect(await attempt()).toBe('address_forbidden')
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})

it('a public answer is not followed by a second question that leads inside', async () => {
  // Refused or unreachable from here, wherever the tests run: what counts is that nobody asked again.
  answers = ['192.0.1.1', '127.0.0.1']
  const outcome = await attempt()
  expect(['connection_failed', 'fetch_timeout']).toContain(outcome)
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})
