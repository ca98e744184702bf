/**
 * Encodes messages and stacks of failures as payloads, so that they are encrypted, too. Temporal's SDK loads this file by path;
 * it contains no types, so that Node 20 can load it as it is.
 */
import { DefaultFailureConverter } from '@temporalio/common'

const inWords = new DefaultFailureConverter()

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
const encode = failureConverter.errorToFailure.bind(failureConverter)

// Readable without keys, so that a process can learn which one it lacks. It contains only the IDs of keys.
failureConverter.errorToFailure = (error, payloadConverter, context) =>
  error instanceof Error && error.name === 'PayloadError'
    ? inWords.errorToFailure(error, payloadConverter, context)
    : encode(error, payloadConverter, context)
