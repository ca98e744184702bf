/** The room for bodies that this process has, shared by all requests. */
import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { ApiEnv } from '../../api/dependencies.ts'
import { bodiesInHand } from '../../api/input/bodies-in-hand.ts'
import { problemHandler } from '../../api/problem-handler.ts'
import { problemOf } from './api.ts'

const KiB = 1024

/** Room for 100 KiB. Every body is read, then the answer waits until the test lets it go. */
function roomy() {
  const read: number[] = []
  const answering: (() => void)[] = []
  const app = new Hono<ApiEnv>()
  app.onError(problemHandler(pino({ level: 'silent' })))
  app.use(bodiesInHand(100 * KiB))
  app.post('/', async (c) => {
    const bytes = await c.req.arrayBuffer().catch(() => undefined)
    // As whoever parses it does.
    if (!bytes) return c.text('no JSON', 400)
    read.push(bytes.byteLength / KiB)
    await new Promise<void>((answer) => answering.push(answer))
    return c.text('taken in')
  })
  const post = (body: BodyInit, announced?: number) =>
    app.request('/', {
      ...{ method: 'POST', body, duplex: 'half' },
      ...(announced !== undefined && { headers: { 'Content-Length': String(announced * KiB) } }),
    })
  const answerOne = async () => {
    await expect.poll(() => answering.length).toBeGreaterThan(0)
    answering.shift()!()
  }
  return { read, post, answerOne }
}

/** A body that comes when the test sends it, and how much of it was asked for. */
function sent() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const send = (kib: number) => writer.write(new Uint8Array(kib * KiB))
  return { body: readable, send, end: () => writer.close() }
}

const whole = (kib: number) => new Uint8Array(kib * KiB)

it('what no longer fits is told to come back, and fits when another one has been answered', async () => {
  const { read, post, answerOne } = roomy()
  const first = post(whole(60), 60)
  await expect.poll(() => read).toEqual([60])
  const refused = await post(whole(50), 50)
  expect(refused.headers.get('Retry-After')).toBe('1')
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'overloaded' })
  const second = post(whole(40), 40)
  await expect.poll(() => read).toEqual([60, 40])
  await answerOne()
  expect(await (await first).text()).toBe('taken in')
  const third = post(whole(60), 60)
  await answerOne()
  await answerOne()
  expect([(await second).status, (await third).status]).toEqual([200, 200])
})

it('what does not say how long it is breaks off where there is no more room; the others go on', async () => {
  const { read, post, answerOne } = roomy()
  const [slow, greedy] = [sent(), sent()]
  const first = post(slow.body)
  await slow.send(60)
  const second = post(greedy.body)
  await greedy.send(30)
  void greedy.send(30)
  expect(await problemOf(await second)).toMatchObject({ status: 429, code: 'overloaded' })
  await slow.send(40)
  await slow.end()
  await answerOne()
  expect([(await first).status, read]).toEqual([200, [100]])
})

it('what was announced and does not come takes no room', async () => {
  const { post, answerOne } = roomy()
  void post(sent().body, 90)
  const other = post(whole(90), 90)
  await answerOne()
  expect((await other).status).toBe(200)
})

it('a body that breaks off gives back its room', async () => {
  const { post, answerOne } = roomy()
  let breakOff = () => {}
  const broken = new ReadableStream<Uint8Array>({
    start(stream) {
      stream.enqueue(whole(90))
      breakOff = () => stream.error(new Error('broken off'))
    },
  })
  const first = post(broken)
  await expect.poll(async () => (await post(whole(50), 50)).status).toBe(429)
  breakOff()
  expect((await first).status).toBe(400)
  const second = post(whole(50), 50)
  await answerOne()
  expect((await second).status).toBe(200)
})

it('there is always room for a single one, and for a few words', async () => {
  const { read, post, answerOne } = roomy()
  const large = post(whole(500))
  await expect.poll(() => read).toEqual([500])
  const words = post('{}', 2 / KiB)
  await answerOne()
  await answerOne()
  expect([(await large).status, (await words).status]).toEqual([200, 200])
})
