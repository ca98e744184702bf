import { ApplicationFailure, type Context } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import { ObjectNotFound, ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { PictureError } from '../../engine/index.ts'
import { TypedFailures } from '../../workers/interceptors/typed-failures.ts'

/** Runs a step that throws this in a worker's interceptor, and returns what Temporal gets. */
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

describe('errors of steps, as Temporal gets them', () => {
  it('are not retried for a bad picture, and keep code and message', async () => {
    const failure = await seen(new PictureError('not_an_image', 'Expected a picture.'))
    expect(failure).toBeInstanceOf(ApplicationFailure)
    expect(failure).toMatchObject({
      type: 'not_an_image',
      message: 'Expected a picture.',
      nonRetryable: true,
    })
  })

  it('are retried if they may be temporary', async () => {
    const failure = await seen(new ObjectStoreError('store_unavailable', 'down', { retryable: true }))
    expect(failure).toMatchObject({ type: 'store_unavailable', nonRetryable: false })
  })

  it('are not retried for a missing object', async () => {
    expect(await seen(new ObjectNotFound('in', 'x'))).toMatchObject({
      type: 'object_not_found',
      nonRetryable: true,
    })
  })

  it('keep the other side’s retry delay', async () => {
    const busy = Object.assign(new Error('429'), { code: 'busy', retryable: true, retryAfterSeconds: 7 })
    expect(await seen(busy)).toMatchObject({ type: 'busy', nonRetryable: false, nextRetryDelay: 7000 })
  })

  it('stay unchanged for bugs, which are retried with their stacks', async () => {
    const defect = new TypeError('undefined is not a function')
    expect(await seen(defect)).toBe(defect)
  })

  it('stay unchanged for system errors, whose code does not decide about retries', async () => {
    const system = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    expect(await seen(system)).toBe(system)
  })
})
