/**
 * Runs as Temporal's lists tell of them. With nothing decoded yet: the client's own list ends at the first memo that was
 * encrypted with a key that is not here.
 */
import type { Client } from '@temporalio/client'
import { PayloadError } from '../adapters/payloads/payload-error.ts'

type Page = Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>
export type ListedRun = Page['executions'][number]

export async function* listedRuns(client: Client, query: string): AsyncGenerator<ListedRun> {
  const { namespace } = client.options
  let nextPageToken: Uint8Array | undefined
  do {
    const page: Page = await client.workflowService.listWorkflowExecutions({
      ...{ namespace, query, pageSize: 1_000 },
      ...(nextPageToken && { nextPageToken }),
    })
    yield* page.executions
    nextPageToken = page.nextPageToken
  } while (nextPageToken && nextPageToken.length > 0)
}

/** What can be read, or why it cannot. */
export async function readable<T>(read: () => Promise<T>): Promise<{ value: T } | { unread: string }> {
  try {
    return { value: await read() }
  } catch (error) {
    if (error instanceof PayloadError) return { unread: error.message }
    throw error
  }
}
