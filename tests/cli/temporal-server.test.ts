import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobStatus, jobType } from '../../workflows/contract/search-attributes.ts'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'

let connection: Connection
beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() })
})
afterAll(() => connection.close())

test('a suite has a namespace with our search attributes', async () => {
  const client = new Client({ connection, namespace: suiteNamespace() })
  const handle = await client.workflow.start('nobody-runs-this', {
    taskQueue: 'nobody',
    workflowId: `search-${Date.now()}`,
    typedSearchAttributes: [
      { key: jobType, value: 'mosaic' },
      { key: jobStatus, value: 'queued' },
    ],
  })
  await expect
    .poll(async () => {
      const found: string[] = []
      for await (const { workflowId } of client.workflow.list({
        query: `JobType = 'mosaic' AND JobStatus = 'queued'`,
      })) {
        found.push(workflowId)
      }
      return found
    })
    .toContain(handle.workflowId)
  await handle.terminate()
})
