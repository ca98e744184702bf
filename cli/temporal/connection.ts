/** Connects to Temporal, and makes sure that the namespace and our search attributes exist. */
import { setTimeout as delay } from 'node:timers/promises'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker'
import type { TemporalEnvironment } from '../../adapters/environment.ts'
import { allSearchAttributes } from '../../workflows/contract/search-attributes.ts'
import { Refusal } from '../refusal.ts'

const keyword = encodeSearchAttributeIndexedValueType('KEYWORD')!
/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
const invalidArgument = 3
const notFound = 5
const permissionDenied = 7
const unimplemented = 12
const unauthenticated = 16

const connectWithin = 10_000
/** The servers of a cluster look once a minute for newly registered attributes. */
const searchableWithin = 90_000

/**
 * Workers and client share one connection, which eager starts need.
 * @throws {Refusal} `temporal_unreachable`, `temporal_namespace_missing`, `temporal_search_attributes`
 */
export async function connectToTemporal(
  temporal: TemporalEnvironment & { address: string },
): Promise<NativeConnection> {
  const connection = await connect(temporal)
  try {
    await requireNamespace(connection, temporal)
    await requireSearchAttributes(connection, temporal.namespace)
    await untilSearchable(connection, temporal.namespace)
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function connect({ address, connectionOptions }: TemporalEnvironment & { address: string }) {
  const options: NativeConnectionOptions = { ...connectionOptions, address }
  let late: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`no answer within ${connectWithin / 1000} s`)), connectWithin)
  })
  const connecting = NativeConnection.connect(options)
  try {
    return await Promise.race([connecting, deadline])
  } catch (error) {
    // Closed if it succeeds after all, since nobody waits for it any more.
    connecting.then((connection) => connection.close()).catch(() => {})
    throw new Refusal(
      'temporal_unreachable',
      `Could not connect to a Temporal server at ${address} (${plainReason(error as Error)}). ` +
        'Check TEMPORAL_ADDRESS, TEMPORAL_API_KEY and TEMPORAL_TLS_*; without TEMPORAL_ADDRESS a server is started for you.',
      { cause: error },
    )
  } finally {
    clearTimeout(late)
  }
}

/** The server's message. The native core leaves `details` empty and puts it into the message. */
function wordsOf(error: unknown): string {
  const { details, message } = error as { details?: string; message: string }
  return details || message
}

/** Extracts the readable part of tonic's nested error messages. */
function plainReason({ message }: Error): string {
  return /message: "([^"]+)"/.exec(message)?.[1] ?? message
}

async function requireNamespace(
  connection: NativeConnection,
  { namespace, address }: { namespace: string; address: string },
) {
  try {
    await connection.workflowService.describeNamespace({ namespace })
  } catch (error) {
    const { code } = error as { code?: number }
    if (code === notFound) {
      throw new Refusal(
        'temporal_namespace_missing',
        `The Temporal server at ${address} has no namespace ${namespace}. ` +
          `Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace} --address ${address}`,
        { cause: error },
      )
    }
    // A key may allow workflows but not describing namespaces.
    if (code === permissionDenied || code === unimplemented) return
    const advice = code === unauthenticated ? ' Check TEMPORAL_API_KEY and TEMPORAL_TLS_*.' : ''
    throw new Refusal(
      'temporal_unreachable',
      `The Temporal server at ${address} refused to describe the namespace ${namespace}: ${wordsOf(error)}.${advice}`,
      { cause: error },
    )
  }
}

async function requireSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace)
  if (missing.length === 0) return
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    })
  } catch (error) {
    throw new Refusal(
      'temporal_search_attributes',
      `Could not register the search attributes ${missing.join(', ')} in the namespace ${namespace}: ` +
        `${wordsOf(error)}. Ask somebody with permission to run: ` +
        `temporal operator search-attribute create --namespace ${namespace} ` +
        missing.map((name) => `--name ${name} --type Keyword`).join(' '),
      { cause: error },
    )
  }
}

/**
 * Search attributes are stored at once, but each server of a cluster caches those that it knew, and rejects workflows with others.
 * So a process that starts now, or has just registered them, waits until they are known.
 */
async function untilSearchable(connection: NativeConnection, namespace: string): Promise<void> {
  const query = allSearchAttributes.map(({ name }) => `${name} = 'none'`).join(' AND ')
  for (const until = Date.now() + searchableWithin; ; await delay(500)) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query })
      return
    } catch (error) {
      // Other errors are reported by the calls that meet them.
      if ((error as { code?: unknown }).code !== invalidArgument) return
      if (Date.now() < until) continue
      throw new Refusal(
        'temporal_search_attributes',
        `The namespace ${namespace} has the search attributes ${allSearchAttributes.map(({ name }) => name).join(', ')}, but ` +
          `${searchableWithin / 1000} s later its server still refuses to search for them: ${wordsOf(error)}.`,
        { cause: error },
      )
    }
  }
}

async function missingSearchAttributes(connection: NativeConnection, namespace: string): Promise<string[]> {
  const names = allSearchAttributes.map(({ name }) => name)
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    const wrong = names.filter((name) => name in customAttributes && customAttributes[name] !== keyword)
    if (wrong.length === 0) return names.filter((name) => !(name in customAttributes))
    throw new Refusal(
      'temporal_search_attributes',
      `The search attributes ${wrong.join(', ')} of the namespace ${namespace} must be of type Keyword, ` +
        "but they have another type. Set TEMPORAL_NAMESPACE to a namespace of mosaicme's own.",
    )
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code !== permissionDenied && code !== unimplemented) throw error
  }
  // Callers that may not list them, as on Temporal Cloud, can still query by them.
  const missing: string[] = []
  for (const name of names) {
    await connection.workflowService
      .countWorkflowExecutions({ namespace, query: `${name} = 'none'` })
      .catch(() => missing.push(name))
  }
  return missing
}
