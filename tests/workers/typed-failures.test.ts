import { ApplicationFailure, type Context } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import { ObjectNotFound, ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { PictureError } from '../../engine/index.ts'
import { TypedFailures } from '../../workers/interceptors/typed-failures.ts'

/** Runs a step that throws this, as a worker would, and gives what Temporal gets to see. */
async function seen(error: unknown): Promise<ApplicationFailure> {
  const environment = new MockActivityEnvironment()
  const interceptor = new TypedFailures(environment.context as unknown as Context)
  const input = { args: [], headers: {} }
  const thrown = await interceptor
    .execute(input, async () => {
      throw error
    })
    .catch((thrown: unknown) => thrown)
  return thrown as ApplicationFailure
}

describe('what a step throws, as Temporal sees it', () => {
  it('ends the retries for a picture that will never be one, and keeps code and sentence', async () => {
    const failure = await seen(new PictureError('not_an_image', 'Expected a picture.'))
    expect(failure).toBeInstanceOf(ApplicationFailure)
    expect(failure).toMatchObject({
      type: 'not_an_image',
      message: 'Expected a picture.',
      nonRetryable: true,
    })
  })

  it('goes on retrying what may heal', async () => {
    const failure = await seen(new ObjectStoreError('store_unavailable', 'down', { retryable: true }))
    expect(failure).toMatchObject({ type: 'store_unavailable', nonRetryable: false })
  })

  it('ends the retries for an object that is not there', async () => {
    expect(await seen(new ObjectNotFound('in', 'x'))).toMatchObject({
      type: 'object_not_found',
      nonRetryable: true,
    })
  })

  it('waits as long as the other side asked for', async () => {
    const busy = Object.assign(new Error('429'), { code: 'busy', retryable: true, retryAfterSeconds: 7 })
    expect(await seen(busy)).toMatchObject({ type: 'busy', nonRetryable: false, nextRetryDelay: 7000 })
  })

  it('leaves defects as they are, so that they are retried and their stack is kept', async () => {
    const defect = new TypeError('undefined is not a function')
    expect(await seen(defect)).toBe(defect)
  })

  it('leaves a system error with a code alone: it has no say in retries', async () => {
    const system = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    expect(await seen(system)).toBe(system)
  })
})
