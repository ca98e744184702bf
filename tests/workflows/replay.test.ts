/**
 * The gate for changes of workflow code: running jobs must continue with today's code. The histories come from
 * `npm run record-histories`; see there when one of them no longer replays.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflowCode, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../cli/main.ts'
import { queueServices } from '../../workers/queues.ts'
import { workflowCode } from '../../workers/workflow-code.ts'
import type { TaskQueue } from '../../workflows/contract/task-queues.ts'
import { printed } from '../cli/printed.ts'
import '../servers/quiet-runtime.ts'
import { forgetPromises } from './on-this-thread.ts'

afterAll(forgetPromises)

const folder = join(import.meta.dirname, 'histories')
const recorded = readdirSync(folder).map((file) => {
  const history = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    events: {
      workflowExecutionStartedEventAttributes?: { workflowId: string }
      activityTaskScheduledEventAttributes?: {
        activityType: { name: string }
        taskQueue: { name: TaskQueue }
      }
    }[]
  }
  // Workflows may use their ID in commands, so each replays under its own.
  const workflowId = history.events[0]!.workflowExecutionStartedEventAttributes!.workflowId
  return { name: file.replace('.json', ''), workflowId, history }
})

/** Discards the spans of traced workflows. */
const sinks = { exporter: { export: { fn() {} } } }

/** The result of replaying each: `undefined`, or the error. */
async function replayAll(workflowBundle: WorkflowBundleOption, histories = recorded) {
  const results = new Map<string, Error | undefined>()
  // One worker for many. A replayed job has two histories under one ID, so the second one is in another batch.
  for (let rest = histories; rest.length > 0; ) {
    const batch = new Map(rest.map((recording) => [recording.workflowId, recording]))
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, sinks }, [
      ...batch.values(),
    ]))
      results.set(batch.get(workflowId)!.name, error)
    rest = rest.filter((recording) => batch.get(recording.workflowId) !== recording)
  }
  return results
}

describe('the stored histories', () => {
  it('cover every workflow and every kind of end', () => {
    expect(recorded.map(({ name }) => name).sort()).toEqual([
      ...['bulk-finished', 'bulk-in-parts', 'bulk-part', 'bulk-replayed'],
      ...['collector-full', 'collector-full-before-full-until-tiles-are-removed', 'collector-stopped'],
      ...['deletions-canceled', 'inbox-stopped'],
      ...['listener-of-one-run', 'listener-stopped'],
      ...['mosaic-approved', 'mosaic-canceled', 'mosaic-canceled-before-records'],
      ...['mosaic-edited', 'mosaic-failed', 'mosaic-failed-before-records'],
      ...['mosaic-finished', 'mosaic-of-places', 'mosaic-rejected', 'mosaic-replayed'],
      ...['mosaic-replayed-with-webhook', 'mosaic-with-post'],
      ...['publish-decided'],
      ...['resize-by-url', 'resize-failed', 'resize-failed-before-records', 'resize-finished'],
      ...['resize-with-webhook', 'resize-with-webhook-before-uuid'],
      ...['tiles-in-batches', 'tiles-of-a-person-removed'],
      ...['webhook-told', 'webhook-told-before-its-queue'],
    ])
  })

  it.each([false, true])('replay against today’s workflow code, traced: %j', async (traced) => {
    // The bundle from the build, otherwise bundled from the sources.
    const bundle = await workflowCode({ traced })
    const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8')
    // Every worker compiles it. Without its source map, which is at its end.
    expect(code.lastIndexOf('sourceMappingURL')).toBeLessThan(traced ? 1_500_000 : 700_000)
    const results = await replayAll(bundle)
    expect(results.size).toBe(recorded.length)
    for (const [name, error] of results) expect(error, name).toBeUndefined()
  })

  it('do not replay against a mosaic workflow with its steps in another order', async () => {
    const workflowsPath = join(import.meta.dirname, 'fixtures', 'changed-workflow', 'index.ts')
    const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
    const changed = await bundleWorkflowCode({ workflowsPath, logger: quiet })
    const mosaics = recorded.filter(({ name }) => name.startsWith('mosaic'))
    const results = await replayAll(changed, mosaics)
    for (const { name } of mosaics) expect(results.get(name), name).toBeInstanceOf(DeterminismViolationError)
    expect(results.get('mosaic-finished')?.message).toMatch(/thumbnail/)
  })

  it('wait on queues whose workers still know the step', () => {
    const ordered = recorded.flatMap(({ history }) =>
      history.events.flatMap(({ activityTaskScheduledEventAttributes: step }) => step ?? []),
    )
    expect(ordered.length).toBeGreaterThan(100)
    for (const { activityType, taskQueue } of ordered)
      expect(queueServices[taskQueue.name].steps, taskQueue.name).toContain(activityType.name)
  })

  it('are small, and contain nothing about the machine they were recorded on', () => {
    for (const { name, history } of recorded) {
      const told = plainText(history)
      expect(JSON.stringify(history).length, name).toBeLessThan(48_000)
      expect(told, name).not.toContain(hostname())
      expect(told, name).not.toMatch(/file:\/\/|\/(home|root|tmp|work|Users|var)\/|node_modules|\d+@\w/)
    }
  })
})

describe('a standing workflow whose history Temporal finds long', () => {
  interface Event {
    eventId: string
    workflowExecutionStartedEventAttributes?: { workflowId: string }
    workflowTaskStartedEventAttributes?: object
  }
  /** A recording whose workflow tasks say that the history is long, from an event on. */
  function foundLong({ history, ...rest }: (typeof recorded)[number], from = 1) {
    const { events } = structuredClone(history) as { events: Event[] }
    for (const { eventId, workflowTaskStartedEventAttributes: task } of events)
      if (task && Number(eventId) >= from) Object.assign(task, { suggestContinueAsNew: true })
    return { ...rest, history: { events } }
  }
  const standing = recorded.filter(({ name }) => /^(collector|deletions|inbox|listener)-/.test(name))

  it('continues as new when signals arrive, paused as it is', async () => {
    // Paused since event 56, it is reconfigured.
    const { history, ...rest } = foundLong(standing.find(({ name }) => name === 'inbox-stopped')!, 61)
    const patch = Buffer.from(JSON.stringify({ id: 'continues-when-suggested', deprecated: false }))
    const workflowTaskCompletedEventId = '62'
    const ending = [
      {
        eventType: 'EVENT_TYPE_MARKER_RECORDED',
        markerRecordedEventAttributes: {
          ...{ markerName: 'core_patch', workflowTaskCompletedEventId },
          details: {
            'patch-data': {
              payloads: [
                {
                  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
                  data: patch.toString('base64'),
                },
              ],
            },
          },
        },
      },
      {
        eventType: 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
        upsertWorkflowSearchAttributesEventAttributes: { workflowTaskCompletedEventId, searchAttributes: {} },
      },
      {
        eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
        workflowExecutionContinuedAsNewEventAttributes: {
          ...{ newExecutionRunId: 'next', workflowType: { name: 'inbox' }, workflowTaskCompletedEventId },
        },
      },
    ].map((event, n) => ({ eventId: String(63 + n), ...event }))
    const events = [...history.events.slice(0, 62), ...ending]
    const results = await replayAll(await workflowCode(), [{ ...rest, history: { events } }] as never)
    expect(results.get('inbox-stopped')).toBeUndefined()
    expect(results.size).toBe(1)
  })

  it('goes on as it did, if that was before it asked', async () => {
    const results = await replayAll(
      await workflowCode(),
      standing.map((one) => foundLong(one)),
    )
    expect(results.size).toBe(standing.length)
    for (const [name, error] of results) expect(error, name).toBeUndefined()
  })
})

describe('mosaicme replay --history', () => {
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'mosaicme-replay-'))
  })
  afterAll(async () => await rm(scratch, { recursive: true, force: true }))

  const { out, err } = printed()
  async function run(file: string, ...argv: string[]): Promise<number> {
    process.exitCode = undefined
    await main(['replay', '--history', file, ...argv])
    return Number(process.exitCode ?? 0)
  }
  const finished = join(folder, 'mosaic-finished.json')

  it('reports that today’s code replays it', async () => {
    expect(await run(finished)).toBe(0)
    expect(out[0]).toMatch(/today's code of mosaic replays all of its \d+ events/)
    expect(await run(finished, '--json')).toBe(0)
    expect(JSON.parse(out[1]!)).toMatchObject({ workflow: 'mosaic', replays: true })
  })

  it('reports where today’s code differs, and exits with 1', async () => {
    const other = join(scratch, 'other-order.json')
    const text = await readFile(finished, 'utf8')
    await writeFile(other, text.replaceAll('"name": "compose"', '"name": "somethingElse"'))
    expect(await run(other)).toBe(1)
    expect(out[0]).toMatch(/cannot replay it \(determinism_violation\): .*somethingElse/s)
    await run(other, '--json')
    expect(JSON.parse(out[1]!)).toMatchObject({
      replays: false,
      failure: { code: 'determinism_violation', message: expect.stringContaining('compose') },
    })
  })

  it.each([
    ['that does not exist', undefined, /cannot be read/],
    ['that is not JSON', 'hello', /it is not JSON/],
    ['that is not a history', '{"events": []}', /its first event starts no workflow/],
    ['of other JSON', '{"steps": 3}', /to be a workflow's history/],
  ])('rejects a file %s with a message', async (name, text, sentence) => {
    const file = join(scratch, `${name}.json`)
    if (text !== undefined) await writeFile(file, text)
    expect(await run(file)).toBe(1)
    expect(err.join('\n')).toMatch(sentence)
  })
})

/** All strings in it, with payloads decoded. */
function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join('\n')
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) =>
        name === 'data' && typeof inner === 'string'
          ? Buffer.from(inner, 'base64').toString()
          : plainText(inner),
      )
      .join('\n')
  return String(value)
}
