/** What starts with a process of the API: nothing that runs already, and nothing that somebody has stopped. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { startCollector, usualCollector } from '../../api/social/collectors.ts'
import { startListening } from '../../cli/social-listening.ts'
import { type Api, startApiWithoutWorkers } from '../api/api.ts'

const ids = ['listener-mastodon-starter', 'deletions-mastodon', 'collector-mastodon-rime']
const [listener, deletions, collector] = ids as [string, string, string]
const handle = (id: string) => api.client.workflow.getHandle(id)

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers()
})
afterAll(async () => {
  for (const id of ids)
    await handle(id)
      .terminate()
      .catch(() => {})
  await api?.stop()
})

const startUp = async (env: NodeJS.ProcessEnv = {}) =>
  await startListening(
    api.client,
    loadEnvironment({
      ...{ MASTODON_URL: 'https://m.example', MASTODON_ACCESS_TOKEN: 'token', MASTODON_ACCOUNT: 'starter' },
      ...{ COLLECT_HASHTAGS: 'rime', ...env },
    }),
  )
const signals = async (id: string) =>
  (await handle(id).fetchHistory()).events!.filter((one) => one.workflowExecutionSignaledEventAttributes)
    .length
const runIds = async () => await Promise.all(ids.map(async (id) => (await handle(id).describe()).runId))

it('starts what has never run, or was ended by an error', async () => {
  await api.client.workflow.start('deletions', {
    ...{ workflowId: deletions, taskQueue: 'nobody', workflowExecutionTimeout: '1s' },
    args: [],
  })
  await expect
    .poll(async () => (await handle(deletions).describe()).status.name, { timeout: 20_000 })
    .toBe('TIMED_OUT')
  expect(await startUp()).toEqual(['@starter on mastodon for #mosaicme (mentions)'])
  for (const id of ids) expect((await handle(id).describe()).status.name, id).toBe('RUNNING')
})

it('tells running ones nothing but what has changed in the environment', async () => {
  const options = { network: 'mastodon', hashtags: ['rime'], library: 'rime', dailyReads: 500 }
  await startCollector(api.client, { ...usualCollector, ...options })
  await handle(collector).signal('pause')
  const before = await Promise.all(ids.map(signals))
  const runs = await runIds()
  await startUp()
  expect(await Promise.all(ids.map(signals))).toEqual(before)

  expect(await startUp({ LISTEN_HASHTAG: 'mosaics' })).toEqual([
    '@starter on mastodon for #mosaics (mentions)',
  ])
  expect(await Promise.all(ids.map(signals))).toEqual([before[0]! + 1, before[1], before[2]])
  expect(await runIds()).toEqual(runs)
})

it('leaves alone what somebody has stopped, and says so', async () => {
  for (const id of ids) await handle(id).terminate()
  const runs = await runIds()
  expect(await startUp()).toEqual([
    expect.stringMatching(/^@starter on mastodon: .*mosaicme listen start mastodon/),
  ])
  expect(await runIds()).toEqual(runs)
  expect((await handle(listener).describe()).status.name).toBe('TERMINATED')
})
