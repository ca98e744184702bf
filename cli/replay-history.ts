/** Checks whether today's workflow code makes the same decisions as a history. */
import { readFile } from 'node:fs/promises'
import {
  visit,
  walkGetWorkflowExecutionHistoryResponse,
} from '@temporalio/common/lib/internal-non-workflow/payload-visitor.js'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { Worker } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { loadEnvironment } from '../adapters/environment.ts'
import { PayloadError } from '../adapters/payloads/payload-error.ts'
import { createDataConverter } from '../adapters/payloads.ts'
import { workflowCode } from '../workers/workflow-code.ts'
import { Refusal } from './refusal.ts'
import { keepTemporalRuntimeQuiet } from './temporal/quiet-runtime.ts'

export interface HistoryReplay {
  workflow: string
  events: number
  /** Absent if it replays. `determinism_violation`: the code now decides differently. */
  failure?: { code: 'determinism_violation' | 'replay_failed' | PayloadError['code']; message: string }
}

/**
 * @param file JSON from the Temporal Web UI's Download, or from `temporal workflow show --output json`
 * @throws {Refusal} `file_not_found`, `not_a_history`
 */
export async function replayHistory(file: string): Promise<HistoryReplay> {
  const history = parseHistory(file, await read(file))
  const events = history.events ?? []
  const workflow = events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name
  if (!workflow) throw notAHistory(file, 'its first event starts no workflow')
  const told = { workflow, events: events.length }
  keepTemporalRuntimeQuiet()
  try {
    await decrypt(history)
    await Worker.runReplayHistory({ workflowBundle: await workflowCode() }, history, idOf(events))
    return told
  } catch (error) {
    return { ...told, failure: { code: codeOf(error), message: reasonOf(error) } }
  }
}

const codeOf = (error: unknown) =>
  error instanceof PayloadError
    ? error.code
    : error instanceof DeterminismViolationError
      ? 'determinism_violation'
      : 'replay_failed'

/** In place. @throws {PayloadError} if PAYLOAD_KEYS lacks the key of a payload */
async function decrypt(history: History): Promise<void> {
  const { payloadCodecs = [] } = createDataConverter(loadEnvironment().payloadKeys)
  for (const codec of payloadCodecs)
    await visit({ history }, walkGetWorkflowExecutionHistoryResponse, {
      transformPayload: async (payload) => (await codec.decode([payload]))[0]!,
      transformPayloads: async (payloads) => await codec.decode(payloads),
    })
}

/** The core's own message, extracted from the structure that the SDK prints. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /\[TMPRL1100\] (.*?)(?<!\\)", source:/s.exec(message)?.[1] ?? message
}

type History = ReturnType<typeof historyFromJSON>

/** Since server 1.24, the first event contains the workflow's ID, which the workflows pass to their steps. */
const idOf = (events: NonNullable<History['events']>) =>
  events[0]?.workflowExecutionStartedEventAttributes?.workflowId || undefined

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Refusal('file_not_found', `The history file ${file} cannot be read.`, { cause })
  }
}

function parseHistory(file: string, text: string): History {
  try {
    const json = JSON.parse(text) as unknown
    return historyFromJSON(Array.isArray(json) ? { events: json } : json)
  } catch (cause) {
    throw notAHistory(file, cause instanceof SyntaxError ? 'it is not JSON' : String(cause), cause)
  }
}

const notAHistory = (file: string, reason: string, cause?: unknown) =>
  new Refusal(
    'not_a_history',
    `Expected ${file} to be a workflow's history in JSON (the Web UI's Download, or ` +
      `"temporal workflow show --output json"): ${reason}.`,
    { cause },
  )
