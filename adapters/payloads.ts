/** How values become Temporal's payloads, for every client and every worker: one place, since they must agree. */
import { fileURLToPath } from 'node:url'
import type { DataConverter, LoadedDataConverter, Payload } from '@temporalio/common'
import { encryptingKey, type PayloadKey } from './environment/payload-keys.ts'
import { EncryptionCodec } from './payloads/encryption.ts'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const encodedFailures = fileURLToPath(new URL(`./payloads/encoded-failures.${extension}`, import.meta.url))

/**
 * The JSON that Temporal's SDK makes, encrypted when there are keys. Without any, what was encrypted before is refused by
 * the name of its key.
 *
 * @param keys the first encrypts, all of them decrypt
 * @example new Client({ connection, namespace, dataConverter: createDataConverter(environment.payloadKeys) })
 */
export function createDataConverter(keys: readonly PayloadKey[]): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(keys)],
    ...(encryptingKey(keys) && { failureConverterPath: encodedFailures }),
  }
}

/**
 * What Temporal tells raw, by the client's own converter.
 * @throws {PayloadError} for what was encrypted with a key that is not there
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
