/**
 * Failures whose words and stacks are payloads, and so are encrypted like all of them. Loaded by Temporal's SDK by its path;
 * without a type in it, since Node 20 is to be able to load it as it stands.
 */
import { DefaultFailureConverter } from '@temporalio/common'

const inWords = new DefaultFailureConverter()

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
const encode = failureConverter.errorToFailure.bind(failureConverter)

// Which key is missing has to be read by whoever lacks a key: it names keys, and nothing that they protect.
failureConverter.errorToFailure = (error, payloadConverter, context) =>
  error instanceof Error && error.name === 'PayloadError'
    ? inWords.errorToFailure(error, payloadConverter, context)
    : encode(error, payloadConverter, context)
