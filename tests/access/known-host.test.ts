import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { type Api, problemOf, startApiWithoutWorkers } from '../api/api.ts'

let api: Api
beforeAll(async () => {
  api = await startApiWithoutWorkers()
})
afterAll(() => api?.stop())

const ask = (host: string, env: NodeJS.ProcessEnv = {}, path = '/v1/tiles') =>
  api
    .with({ environment: loadEnvironment(env) })
    .request(path, { headers: { Host: host, Origin: `http://${host}` } })

it.each(['127.0.0.1:3000', 'localhost', 'localhost:3000', 'LOCALHOST', '[::1]:3000', '127.0.0.2'])(
  'without keys it answers on this machine as %s',
  async (host) => expect((await ask(host)).status).toBe(200),
)

it.each(['evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', '[::2]'])(
  'and not as %s, which anybody may have lead here',
  async (host) =>
    expect(await problemOf(await ask(host))).toMatchObject({
      ...{ status: 421, code: 'unknown_host' },
      detail: expect.stringMatching(`for ${host.replace(/[[\]]/g, '\\$&')}. .* PUBLIC_URL`),
    }),
)

it.each(['/', '/admin', '/admin/v1/jobs/mosaic-a', '/jobs/mosaic-a', '/healthz'])(
  'nor as another one at %s: pages ask the API without telling by which name they were',
  async (path) => expect((await ask('evil.example', {}, path)).status).toBe(421),
)

it.each<[string, NodeJS.ProcessEnv]>([
  ['the name of PUBLIC_URL', { PUBLIC_URL: 'https://mosaic.example' }],
  ['any name, where keys are asked for', { API_KEYS: 'abcdefghijklmnopqrst' }],
  ['any name, where strangers are welcome', { HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' }],
])('it answers to %s', async (_, env) => expect((await ask('mosaic.example', env)).status).not.toBe(421))
