import { buffer } from 'node:stream/consumers'
import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResizeParams } from '../../workflows/contract/job.ts'
import { type Patience, patienceOf } from './patience.ts'
import { photo } from './pictures.ts'
import { type Stack, startStack } from './stack.ts'

const params: ResizeParams = {
  width: 64,
  height: 48,
  fit: 'cover',
  format: 'webp',
  quality: 80,
  withoutEnlargement: false,
}

describe('a resize', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(async () => await stack?.stop())

  it('stores the picture in the requested size', async () => {
    const handle = await stack.start('resize', { source: await stack.upload(await photo()), params })
    const result = await handle.result()
    expect(result).toMatchObject({ width: 64, height: 48, format: 'webp', bucket: 'small' })

    const { body } = await stack.store.get(result.bucket, result.key)
    const bytes = await buffer(body)
    expect(bytes.byteLength).toBe(result.bytes)
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 48, format: 'webp' })
  })

  it('shows status and step in its description', async () => {
    const handle = await stack.start('resize', { source: await stack.upload(await photo()), params })
    await handle.result()
    const { memo, typedSearchAttributes, status } = await handle.describe()
    expect(status.name).toBe('COMPLETED')
    expect(memo).toMatchObject({ progress: { stage: 'resize', done: 0, total: 1 } })
    expect(typedSearchAttributes.getAll()).toContainEqual(
      expect.objectContaining({ value: 'succeeded', key: expect.objectContaining({ name: 'JobStatus' }) }),
    )
  })

  it('tries its step for longer than a store takes to restart, a bounded number of times', async () => {
    const handle = await stack.start('resize', { source: await stack.upload(await photo()), params })
    await handle.result()
    const [{ step, span, attempts }] = (await patienceOf(handle)) as [Patience]
    expect([step, span > 120, attempts]).toEqual(['resize', true, 10])
  })

  it('starts eagerly in the requesting process', async () => {
    const handle = await stack.start('resize', { source: await stack.upload(await photo()), params })
    await handle.result()
    const { events } = await handle.fetchHistory()
    expect(events![0]!.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted).toBe(true)
  })

  it.each([
    ['not an image', async () => Buffer.from('hello, I am a text file'), 'not_an_image'],
    ['nothing at all', async () => Buffer.alloc(0), 'empty_input'],
    ['half a picture', async () => (await photo(400, 300)).subarray(0, 3000), 'image_truncated'],
  ])('fails in one attempt for %s, with a message', async (_, input, code) => {
    const bytes = await input()
    const handle = await stack.start('resize', { source: await stack.upload(bytes), params })
    const error = await handle.result().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(WorkflowFailedError)
    const failure = (error as WorkflowFailedError).cause as ApplicationFailure
    expect(failure).toBeInstanceOf(ApplicationFailure)
    expect(failure.type).toBe(code)
    expect(failure.details).toEqual([{ stage: 'resize', retryable: false }])
    expect(failure.message).toMatch(/expected/i)

    const { events } = await handle.fetchHistory()
    const attempts = events?.map((event) => event.activityTaskStartedEventAttributes?.attempt).filter(Boolean)
    // The step, and keeping the record of its failure.
    expect(attempts).toEqual([1, 1])
  })
})
