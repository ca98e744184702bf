import { Client, Connection } from '@temporalio/client'
import { expect, onTestFinished, test } from 'vitest'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { run } from './running-copy.ts'
import { scratchFolder } from './scratch.ts'

test('serves the named queues of a Temporal server, and ends cleanly when told to', {
  timeout: 60_000,
}, async () => {
  const connection = await Connection.connect({ address: temporalAddress() })
  onTestFinished(() => connection.close())
  const client = new Client({ connection, namespace: suiteNamespace() })
  const pollers = async (name: string) => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: suiteNamespace(),
      taskQueue: { name },
      taskQueueType: 2, // activity
    })
    return pollers?.filter(({ identity }) => identity?.startsWith(`${worker.pid}@`)).length ?? 0
  }
  const worker = run(['worker', '--queues', 'download'], {
    DATA_DIR: await scratchFolder(),
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: suiteNamespace(),
    LOG_LEVEL: 'info',
  })
  await worker.says(/working/)
  await expect.poll(() => pollers('download'), { timeout: 10_000 }).toBeGreaterThan(0)
  expect(await pollers('upload')).toBe(0)
  worker.process.kill('SIGTERM')
  expect(await worker.ended()).toBe(0)
})

test('an unknown queue is refused with a list of those that are known', async () => {
  const worker = run(['worker', '--queues', 'download,thumbnials'], { TEMPORAL_ADDRESS: temporalAddress() })
  expect(await worker.ended()).toBe(1)
  expect(worker.output).toMatch(/got thumbnials\. The known ones: orchestration, resize, download/)
})

test('without the address of a server there is nothing to work for', async () => {
  const worker = run(['worker', '--queues', 'download'])
  expect(await worker.ended()).toBe(1)
  expect(worker.output).toMatch(/Expected TEMPORAL_ADDRESS to name the Temporal server/)
})
