/**
 * A bulk job of many small pictures: throughput, and size of its histories.
 *
 *   npm run build && npx tsx bench/bulk-many.ts [--count 20000]
 */
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import sharp from 'sharp'
import { freePort, startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-bulk-bench') },
  },
})
const count = Number(values.count)
await mkdir(values.work, { recursive: true })
const temporalPort = await freePort()
const server = await startMosaicme(resolve(import.meta.dirname, '..'), values.work, {
  TEMPORAL_PORT: String(temporalPort),
})
try {
  const uploads = await Promise.all(Array.from({ length: 20 }, (_, n) => upload(n)))
  const started = performance.now()
  const input = { uploads: Array.from({ length: count }, (_, n) => ({ upload: uploads[n % 20] })) }
  const answer = await fetch(`${server.url}/v1/bulk`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input, width: 16, format: 'jpeg' }),
  })
  let job = (await answer.json()) as Job
  const peaks: number[] = []
  while (job.status === 'queued' || job.status === 'processing') {
    const found = await fetch(`${server.url}/v1/jobs/${job.id}`, { headers: { Prefer: 'wait=10' } })
    job = (await found.json()) as Job
    peaks.push(server.rssMb())
    console.error(`${job.progress.stage} ${job.progress.done} of ${job.progress.total}`)
  }
  const seconds = (performance.now() - started) / 1000
  if (job.status !== 'succeeded') throw new Error(`expected the job to succeed: ${JSON.stringify(job)}`)
  console.log(
    `${count} pictures in ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} a second: ${JSON.stringify(job.result)}`,
  )
  console.log(`RSS, MB: ${peaks.join(' ')}`)
  await printHistories(job.id)
} finally {
  await server.stop()
}

interface Job {
  id: string
  status: string
  progress: { stage: string; done: number; total: number }
  result: unknown
}

async function upload(n: number): Promise<string> {
  const hue = { r: (n * 12) % 256, g: (n * 77) % 256, b: 90 }
  const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background: hue } })
    .jpeg()
    .toBuffer()
  const answer = await fetch(`${server.url}/v1/uploads`, { method: 'POST', body: new Uint8Array(bytes) })
  return ((await answer.json()) as { upload: string }).upload
}

async function printHistories(id: string): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}` })
  const client = new Client({ connection })
  const ids = [id]
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'bulkPart'` }))
    ids.push(workflowId)
  for (const workflowId of ids.slice(0, 3)) {
    const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe()
    console.log(`${workflowId}: ${historyLength} events, ${historySize} bytes`)
  }
  console.log(`${ids.length - 1} parts`)
  await connection.close()
}
