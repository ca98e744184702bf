/** Requests for jobs are admitted in turn, alternating between callers. */
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import type { ApiDependencies, ApiEnv } from '../../api/dependencies.ts'
import { inTurn } from '../../api/jobs/in-turn.ts'
import { createOpenJobs } from '../../api/jobs/open-jobs.ts'
import { Turns } from '../../api/jobs/turns.ts'

/** A route that admits one request at a time; `/freed` ends its turn before it responds. */
function counter() {
  const begun: string[] = []
  const answering: (() => void)[] = []
  const turns = new Turns(1)
  const app = new Hono<ApiEnv>()
  app.onError((error, c) => c.text(error.message, 400))
  app.use(async (c, next) => {
    c.set('caller', c.req.header('Caller') ?? '')
    await next()
  })
  app.post('/*', inTurn({ requests: turns, takeIn: (answer) => answer() }), async (c) => {
    begun.push(c.get('caller'))
    if (c.req.path === '/freed') c.get('endTurn')?.()
    const form = await c.req.formData()
    await new Promise<void>((answer) => answering.push(answer))
    return c.text(String(form.get('name')))
  })
  const post = (caller: string, path = '/', init: RequestInit = {}) => {
    const body = new FormData()
    body.set('name', `a form of ${caller}`)
    return app.request(path, { method: 'POST', headers: { Caller: caller }, body, ...init })
  }
  const answerOne = async () => {
    await expect.poll(() => answering.length).toBeGreaterThan(0)
    answering.shift()!()
  }
  return { turns, begun, post, answerOne }
}

it('a caller with one request is next although another has ten, and each gets its own response', async () => {
  const { turns, begun, post, answerOne } = counter()
  const busy = Array.from({ length: 10 }, () => post('busy'))
  await expect.poll(() => begun.length).toBe(1)
  const modest = post('modest')
  // Bodies are read before they queue.
  await expect.poll(() => turns.size).toBe(11)
  await answerOne()
  await answerOne()
  expect(await (await modest).text()).toBe('a form of modest')
  expect(begun.slice(0, 2)).toEqual(['busy', 'modest'])
  for (let n = 0; n < 9; n++) await answerOne()
  expect(await (await busy[9]!).text()).toBe('a form of busy')
})

it('a slow sender delays nobody', async () => {
  const { post, answerOne } = counter()
  const never = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(Buffer.from('--x')) })
  void post('slow', '/', { body: never, duplex: 'half' } as RequestInit)
  const other = post('other')
  await answerOne()
  expect((await other).status).toBe(200)
})

it('a turn can end before the response', async () => {
  const { begun, post, answerOne } = counter()
  const first = post('ann', '/freed')
  const second = post('ann', '/freed')
  await expect.poll(() => begun.length).toBe(2)
  await answerOne()
  await answerOne()
  expect([(await first).status, (await second).status]).toEqual([200, 200])
})

it('a truncated body is reported by whoever reads it', async () => {
  const { begun, post } = counter()
  const broken = new ReadableStream({ start: (stream) => stream.error(new Error('broken off')) })
  const answer = await post('ann', '/', { body: broken, duplex: 'half' } as RequestInit)
  expect([begun, answer.status, await answer.text()]).toEqual([['ann'], 400, 'broken off'])
})

it('admits a bounded number, because each has its body in memory', async () => {
  const never = new Promise<never>(() => {})
  const client = { withDeadline: () => never } as never
  const environment = loadEnvironment({})
  const { takeIn } = createOpenJobs({
    client,
    environment,
    resizesHere: true,
  } as Partial<ApiDependencies> as ApiDependencies)
  for (let n = 0; n < 256; n++) void takeIn(() => never)
  await expect(takeIn(() => never)).rejects.toMatchObject({ code: 'overloaded' })
})
