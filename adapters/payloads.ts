/** How values become Temporal's payloads, for every client and every worker: one place, since they must agree. */
import { fileURLToPath } from 'node:url'
import type { DataConverter } from '@temporalio/common'
import type { PayloadKey } from './environment/payload-keys.ts'
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
    ...(keys.length > 0 && { failureConverterPath: encodedFailures }),
  }
}
