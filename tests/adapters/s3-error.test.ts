/** What is said of S3's errors: whether the same call may work a minute later. */
import { expect, it } from 'vitest'
import { ObjectStoreError } from '../../adapters/object-store/object-store.ts'
import { s3Error } from '../../adapters/object-store/s3/s3-error.ts'

it.each([
  // Temporary credentials: the metadata service or STS was slow or away.
  ['ExpiredToken', 400, true],
  ['ExpiredTokenException', 403, true],
  ['InvalidToken', 400, true],
  ['TokenRefreshRequired', 400, true],
  ['CredentialsProviderError', undefined, true],
  ['ProviderError', undefined, true],
  // Somebody has to change them.
  ['InvalidAccessKeyId', 403, false],
  ['SignatureDoesNotMatch', 403, false],
])('%s, answered with %s, is about credentials; worth a retry: %s', (name, status, retryable) => {
  const error = Object.assign(new Error('as the SDK words it'), {
    name,
    ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
  })
  const ours = s3Error(error, { bucket: 'small', key: 'a', doing: 'reading small/a', where: 'https://s3' })
  expect(ours).toBeInstanceOf(ObjectStoreError)
  expect(ours).toMatchObject({ code: 'store_credentials', retryable, cause: error })
})
