/** Logs, traces and metrics of a running mosaicme, with a site and a worker. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../../cli/free-port.ts'
import { base64 } from '../api/api.ts'
import { type RunningCopy, run } from '../cli/running-copy.ts'
import { scratchFolder } from '../cli/scratch.ts'
import { startOtlpCollector } from '../servers/otlp.ts'
import { suiteNamespace, temporalAddress } from '../servers/temporal.ts'
import { offencesOf, samplesOf } from './promql.ts'

const root = resolve(import.meta.dirname, '../..')

/** All PromQL expressions of the dashboard and the alert rules. */
function expressions(): string[] {
  const read = (path: string) => readFileSync(resolve(root, 'deploy', path), 'utf8')
  const dashboard = JSON.parse(read('grafana/mosaicme.json')) as {
    panels: { targets?: { expr: string }[] }[]
  }
  const alerts = parse(read('prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] }
  return [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ]
}

test('a job can be followed by its ID through logs, traces and metrics, and deploy/ uses only existing series', {
  timeout: 120_000,
}, async () => {
  const collector = await startOtlpCollector()
  onTestFinished(() => collector.stop())
  const metricsPort = await freePort()
  const folder = await scratchFolder()
  const shared = {
    DATA_DIR: folder,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: suiteNamespace(),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '250',
    LOG_LEVEL: 'debug',
    // An account, so that there are costs; no listener runs.
    ...{ X_ACCOUNT: 'mosaics', X_CONSUMER_KEY: 'key-of-x', X_CONSUMER_SECRET: 'secret-of-x' },
    ...{ X_ACCESS_TOKEN: 'token-of-x', X_ACCESS_SECRET: 'secret-of-x-2', LISTEN_MODE: 'off' },
  }
  const site = run(['up', '--queues', 'none'], { ...shared, OTEL_SERVICE_NAME: 'site' })
  const worker = run(['worker'], {
    ...shared,
    METRICS_PORT: String(metricsPort),
    OTEL_SERVICE_NAME: 'worker',
  })
  const url = await site.ready()
  await worker.says(/"msg":"working"/)

  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const ask = async (input: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=30', ...headers },
      body: JSON.stringify({ type: 'resize', width: 9, input }),
    })
    return (await answer.json()) as { id: string; status: string }
  }
  const input = { base64: await base64() }
  const done = await ask(input, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
  const again = await ask(input)
  // A rejected URL: the step fails, and the job.
  const failed = await ask({ url: 'http://127.0.0.1:1/photo.jpg' })
  expect([done.status, again.status, failed.status]).toEqual(['succeeded', 'succeeded', 'failed'])

  await expectLogged(site, worker, done.id, failed.id)

  const names = [
    'POST /v1/jobs',
    'StartWorkflow:resize',
    'RunWorkflow:resize',
    'StartActivity:resize',
    'RunActivity:resize',
  ]
  const inTrace = () => collector.spans.filter((span) => span.traceId === traceId)
  await expect.poll(() => inTrace().map(({ name }) => name)).toEqual(expect.arrayContaining(names))
  const chain = names.map((name) => inTrace().find((span) => span.name === name)!)
  for (const [at, span] of chain.entries())
    expect(span.parentSpanId, span.name).toBe(at === 0 ? 'b7ad6b7169203331' : chain[at - 1]?.spanId)
  expect(chain.map(({ service }) => service)).toEqual(['site', 'site', 'worker', 'worker', 'worker'])
  // Without METRICS_PORT, the core's metrics go to the collector, too.
  await expect.poll(() => [...collector.paths]).toContain('/v1/metrics')

  // A failing workflow task: a workflow that no worker has.
  const connection = await Connection.connect({ address: temporalAddress() })
  onTestFinished(() => connection.close())
  const client = new Client({ connection, namespace: suiteNamespace() })
  const stuck = await client.workflow.start('no-such-workflow', {
    ...{ taskQueue: 'orchestration', workflowId: `stuck-${Date.now()}`, args: [] },
  })
  onTestFinished(() => void stuck.terminate())

  const told = async () =>
    (await Promise.all([`${url}/metrics`, `http://127.0.0.1:${metricsPort}/metrics`].map(textOf))).join('\n')
  const wanted = expressions()
  expect(wanted.length).toBeGreaterThan(30)
  await expect.poll(async () => offencesOf(wanted, samplesOf(await told()))).toEqual([])
  expect(offencesOf(['rate(mosaicme_no_such_total[5m])', 'sum('], samplesOf(await told()))).toHaveLength(2)

  for (const copy of [worker, site]) {
    copy.process.kill('SIGTERM')
    expect(await copy.ended()).toBe(0)
    expect(copy.output).not.toMatch(/key-of-x|secret-of-x|token-of-x/)
  }
})

async function expectLogged(site: RunningCopy, worker: RunningCopy, done: string, failed: string) {
  const lines = (copy: RunningCopy) =>
    copy.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as { msg: string; job?: string; step?: string; requestId?: string })
  const of = (copy: RunningCopy, job: string) => lines(copy).filter((line) => line.job === job)

  expect(of(site, done)).toContainEqual(
    expect.objectContaining({ msg: 'resize accepted', requestId: expect.any(String) }),
  )
  // Temporal's own lines about the step and the workflow, and ours about the end.
  await expect
    .poll(() => of(worker, done))
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ step: 'resize', msg: 'Activity completed' }),
        expect.objectContaining({
          msg: 'resize succeeded',
          status: 'succeeded',
          trace_id: expect.any(String),
        }),
      ]),
    )
  await expect
    .poll(() => of(worker, failed))
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ step: 'download', msg: 'Activity failed' }),
        expect.objectContaining({ msg: 'resize failed', stage: 'download', code: expect.any(String) }),
      ]),
    )
  for (const copy of [site, worker])
    for (const line of lines(copy))
      for (const id of [done, failed])
        if (JSON.stringify(line).includes(id)) expect(line.job, JSON.stringify(line)).toBe(id)
}

async function textOf(address: string): Promise<string> {
  const answer = await fetch(address)
  expect(answer.status, address).toBe(200)
  return await answer.text()
}
