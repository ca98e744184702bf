/** The data converter for Temporal's payloads, shared by all clients and workers, which must agree. */
import { fileURLToPath } from 'node:url'
import type { DataConverter, LoadedDataConverter, Payload } from '@temporalio/common'
import { encryptingKey, type PayloadKey } from './environment/payload-keys.ts'
import { EncryptionCodec } from './payloads/encryption.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const encodedFailures = fileURLToPath(new URL(`./payloads/encoded-failures.${extension}`, import.meta.url))

/**
 * Converts to JSON like Temporal's SDK, and encrypts if there are keys. Without keys, encrypted payloads are rejected with the
 * ID of the missing key.
 *
 * @param keys the first one encrypts, all of them decrypt
 * @example new Client({ connection, namespace, dataConverter: createDataConverter(environment.payloadKeys) })
 */
export function createDataConverter(keys: readonly PayloadKey[]): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(keys)],
    ...(encryptingKey(keys) && { failureConverterPath: encodedFailures }),
  }
}

/**
 * Decodes a raw payload with the client's own converter.
 * @throws {PayloadError} if its key is missing
 */
export async function decoded<T = unknown>(
  { options }: { options: { loadedDataConverter: LoadedDataConverter } },
  payload: Payload | null | undefined,
): Promise<T | undefined> {
  if (!payload) return undefined
  const { payloadCodecs, payloadConverter } = options.loadedDataConverter
  let payloads = [payload]
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads)
  return payloadConverter.fromPayload<T>(payloads[0]!)
}
