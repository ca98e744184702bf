/** What Temporal tells raw, decoded by the client's own converter: payloads may be encrypted, failures be in payloads. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import type { Payload } from '@temporalio/common'

type Needed = Pick<Client, 'options'>
type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number]
export type RawFailure = NonNullable<PendingActivity['lastFailure']>

/** @throws {PayloadError} for what was encrypted with a key that is not there */
export async function decoded<T = unknown>(
  { options }: Needed,
  payload: Payload | null | undefined,
): Promise<T | undefined> {
  if (!payload) return undefined
  const { payloadCodecs, payloadConverter } = options.loadedDataConverter
  let payloads = [payload]
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads)
  return payloadConverter.fromPayload<T>(payloads[0]!)
}

/** The failure with its own words, however it came. */
export async function decodedFailure(client: Needed, failure: RawFailure): Promise<RawFailure> {
  const told = await decoded<{ message?: string }>(client, failure.encodedAttributes)
  return told ? { ...failure, message: told.message ?? '', encodedAttributes: null } : failure
}

/** A step in hand, with what its last heartbeat said. */
export type PendingStep = Omit<PendingActivity, 'heartbeatDetails'> & { heartbeat?: unknown }

export async function pendingSteps(
  client: Needed,
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
): Promise<PendingStep[]> {
  return await Promise.all(
    (raw.pendingActivities ?? []).map(async ({ heartbeatDetails, ...activity }) => ({
      ...activity,
      heartbeat: await decoded(client, heartbeatDetails?.payloads?.[0]),
      lastFailure: activity.lastFailure ? await decodedFailure(client, activity.lastFailure) : null,
    })),
  )
}
