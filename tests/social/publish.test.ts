/** A person's decision about a reply whose outcome is unknown. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SocialError } from '../../adapters/social/social-error.ts'
import type { Job } from '../../api/client.ts'
import type { MosaicJob } from '../../workflows/contract/job.ts'
import { type Api, problemOf, startApi } from '../api/api.ts'
import { photo } from '../workflows/pictures.ts'
import type { Stack } from '../workflows/stack.ts'
import { addStripedTiles } from '../workflows/striped-tiles.ts'
import { plaza } from './plaza.ts'

let api: Api & { stack: Stack }
/** Whether the network accepts replies and shows its timeline. */
let working = false
const posted: string[] = []

beforeAll(async () => {
  const network = plaza({
    async reply(to, _message, { beforePosting } = {}) {
      await beforePosting?.()
      if (!working)
        throw new SocialError('social_connection_lost', 'the answer was lost', { maybeDone: true })
      posted.push(to.id)
      return { url: `https://plaza.example/${to.id}/answer` }
    },
    async findReply() {
      throw new SocialError('social_forbidden', 'the timeline is not shown', { retryable: false })
    },
  })
  api = await startApi({}, { networks: [network], answerPace: { settle: 20, retry: 5, longest: 500 } })
  await addStripedTiles(api.store)
})
afterAll(async () => await api?.stop())

async function finished(id: string | undefined): Promise<Job> {
  const params = { library: 'small', cell: 16, scale: 2, distance: 1, quality: 85 }
  const job: MosaicJob = { source: await api.stack.upload(await photo()), params }
  if (id !== undefined)
    job.post = { network: 'plaza', id, url: `https://plaza.example/${id}`, handle: 'ann', author: 'Ann' }
  const handle = await api.stack.start('mosaic', job)
  await handle.result()
  return await api.job(handle.workflowId)
}

const publicationOf = async (id: string) => {
  const job = await api.job(id)
  return job.type === 'mosaic' ? job.result?.publication : undefined
}

it('is unknown, and posted once if the person says so, however often', async () => {
  working = false
  const { id } = await finished('1')
  expect(await publicationOf(id)).toMatchObject({ status: 'unknown', reason: 'the timeline is not shown' })
  working = true
  for (let n = 0; n < 3; n++)
    expect((await api.post(`/v1/jobs/${id}/publish`, { decision: 'post' })).status).toBeLessThan(410)
  await expect
    .poll(() => publicationOf(id), { timeout: 10_000 })
    .toEqual({ status: 'published', url: 'https://plaza.example/1/answer' })
  const again = await api.post(`/v1/jobs/${id}/publish`, { decision: 'post' })
  expect(await problemOf(again)).toMatchObject({ status: 409, code: 'already_published' })
  expect(posted.filter((post) => post === '1')).toHaveLength(1)
})

it.each([
  [
    { decision: 'published', url: 'https://plaza.example/seen' },
    { status: 'published', url: 'https://plaza.example/seen' },
  ],
  [{ decision: 'gallery_only' }, { status: 'gallery_only', reason: 'decided by a person' }],
])('accepts the person’s decision: %j', async (decision, publication) => {
  working = false
  const { id } = await finished(`word-${decision.decision}`)
  const answer = await api.post(`/v1/jobs/${id}/publish`, decision)
  expect(answer.status).toBe(202)
  expect(((await answer.json()) as Job).result).toMatchObject({ publication })
  expect(await publicationOf(id)).toEqual(publication)
  expect(posted).not.toContain(`word-${decision.decision}`)
})

it('does not apply to mosaics without a post, or to missing ones', async () => {
  const { id } = await finished(undefined)
  expect(await problemOf(await api.post(`/v1/jobs/${id}/publish`, { decision: 'post' }))).toMatchObject({
    status: 409,
    code: 'no_post',
  })
  const unknown = await api.post('/v1/jobs/mosaic-nobody/publish', { decision: 'post' })
  expect(unknown.status).toBe(404)
  const misspelt = await api.post(`/v1/jobs/${id}/publish`, { decision: 'maybe' })
  expect(misspelt.status).toBe(422)
})
