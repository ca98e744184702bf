/** Every Temporal client is created here, so that all of them encrypt what the workers decrypt, and trace if tracing is on. */
import { Client, type ClientOptions } from '@temporalio/client'
import type { PayloadKey } from '../adapters/environment.ts'
import { createDataConverter } from '../adapters/payloads.ts'
import type { Tracing } from '../adapters/tracing.ts'
import { tracedClient } from './interceptors/tracing.ts'
import { withoutNames } from './interceptors/without-names.ts'

export interface TemporalClientOptions {
  connection: NonNullable<ClientOptions['connection']>
  namespace: string
  /** From `PAYLOAD_KEYS`. Default: nothing is encrypted. */
  payloadKeys?: readonly PayloadKey[] | undefined
  tracing?: Tracing | undefined
}

export async function createTemporalClient(options: TemporalClientOptions): Promise<Client> {
  const { connection, namespace, payloadKeys = [], tracing } = options
  return new Client({
    ...{ connection, namespace },
    dataConverter: createDataConverter(payloadKeys),
    interceptors: { workflow: [...withoutNames(payloadKeys), ...(await tracedClient(tracing))] },
  })
}
