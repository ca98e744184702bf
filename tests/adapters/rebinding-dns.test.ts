/** DNS rebinding against the guarded fetch: a name server with changing answers, over a real socket. */
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
/** Its next answers, and the queries it got. */
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

/** One A record with a TTL of 0 (RFC 1035, section 4): each query gets the next answer. */
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

/** Resolves like the system, without a cache, through this server. */
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

it('an internal address is rejected, whatever name leads to it', async () => {
  answers = ['127.0.0.1']
  expect(await attempt()).toBe('address_forbidden')
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})

it('a name is resolved once, and the checked address is used', async () => {
  // A guard that resolves twice would check the first answer and connect to the second. TEST-NET is a special range where
  // nobody responds.
  answers = ['203.0.113.1', '127.0.0.1']
  expect(await attempt()).toBe('address_forbidden')
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})

it('a public answer is not followed by a second query that leads inside', async () => {
  // Refused or unreachable, wherever the tests run: what counts is that there was no second query.
  answers = ['192.0.1.1', '127.0.0.1']
  const outcome = await attempt()
  expect(['connection_failed', 'fetch_timeout']).toContain(outcome)
  expect({ asked, visits }).toEqual({ asked: ['rebind.test'], visits: 0 })
})
