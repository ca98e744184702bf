import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { run } from './running-copy.ts'
import { scratchFolder } from './scratch.ts'

test('serves the given queues of a Temporal server, and stops cleanly', {
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

test('an unknown queue is rejected with a list of the known ones', async () => {
  const worker = run(['worker', '--queues', 'download,thumbnials'], { TEMPORAL_ADDRESS: temporalAddress() })
  expect(await worker.ended()).toBe(1)
  expect(worker.output).toMatch(/got thumbnials\. Known ones: orchestration, resize, download/)
})

test('requires the address of a server', async () => {
  const worker = run(['worker', '--queues', 'download'])
  expect(await worker.ended()).toBe(1)
  expect(worker.output).toMatch(/TEMPORAL_ADDRESS is not set: it names the Temporal server/)
})

test('a site that serves no queue leaves the steps to a worker beside it, those of its demo too', {
  timeout: 90_000,
}, async () => {
  const connection = await Connection.connect({ address: temporalAddress() })
  onTestFinished(() => connection.close())
  const client = new Client({ connection, namespace: suiteNamespace() })
  const folder = await scratchFolder()
  const shared = {
    DATA_DIR: folder,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: suiteNamespace(),
  }
  const key = 'a-key-that-the-demo-does-not-have'
  const site = run(['up', '--queues', 'none', '--demo'], { ...shared, API_KEYS: key })
  const url = await site.ready()
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  // Only opened by processes that run steps.
  expect(existsSync(join(folder, 'scratch'))).toBe(false)

  const queues = 'resize,cache,orchestration,download'
  const worker = run(['worker', '--queues', queues], { ...shared, LOG_LEVEL: 'info' })
  await worker.says(/working/)
  const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  const form = new FormData()
  form.set('image', new Blob([new Uint8Array(picture)], { type: 'image/png' }), 'picture.png')
  form.set('job', JSON.stringify({ type: 'resize', width: 32 }))
  const headers = { Prefer: 'wait=30', Authorization: `Bearer ${key}` }
  const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: form })
  expect(await answer.json()).toMatchObject({ type: 'resize', status: 'succeeded' })

  const resized = /Demo: the resized picture, after [\d.]+ s: (\S+)/
  await site.says(resized)
  const shown = await fetch(resized.exec(site.output)![1]!, { headers })
  expect(await sharp(await shown.arrayBuffer()).metadata()).toMatchObject({ width: 320, height: 320 })
  // That takes all of the tiles and a minute of CPU: nobody here does it.
  await site.says(/Demo: the mosaic is at tile-match/)
  const query = `WorkflowType = 'mosaic' AND ExecutionStatus = 'Running'`
  for await (const { workflowId } of client.workflow.list({ query }))
    await client.workflow.getHandle(workflowId).terminate('nobody works on it')

  for (const copy of [worker, site]) {
    copy.process.kill('SIGTERM')
    expect(await copy.ended()).toBe(0)
  }
})
