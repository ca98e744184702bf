/** Decodes parts of raw Temporal responses with the client's data converter: payloads may be encrypted and failures encoded. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { decoded } from '../../adapters/payloads.ts'

type Needed = Pick<Client, 'options'>
type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number]
export type RawFailure = NonNullable<PendingActivity['lastFailure']>

/** The failure with its message, encoded or not. */
export async function decodedFailure(client: Needed, failure: RawFailure): Promise<RawFailure> {
  const told = await decoded<{ message?: string }>(client, failure.encodedAttributes)
  return told ? { ...failure, message: told.message ?? '', encodedAttributes: null } : failure
}

/** A pending step, with the details of its last heartbeat. */
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
