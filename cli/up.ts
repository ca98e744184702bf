/** A run of `mosaicme up`, from reading the environment to stopping the last part. */
import { relative } from 'node:path'
import { newApiKey } from '../adapters/environment/api-keys.ts'
import { loadEnvironment } from '../adapters/environment.ts'
import { createLogger, secretsOf } from '../adapters/logger.ts'
import type { TaskQueue } from '../workflows/contract/task-queues.ts'
import { growHeap } from './grow-heap.ts'
import { takeLocalResources } from './local-resources.ts'
import { RunningParts } from './running-parts.ts'
import type { Service } from './service.ts'
import { awaitStopRequest } from './stop-request.ts'

/** Time for running steps to finish when we stop, ms. Steps cut off are retried at the next start. */
const drainGrace = 10_000

export interface UpOptions {
  /** Also make a sample mosaic and a sample resize. */
  demo: boolean
  /** Queues served in this process; empty: API and pages only. */
  queues: readonly TaskQueue[]
}

/** Runs until it is stopped. @returns the exit code: 0 if a person or the system stopped it */
export async function up({ demo, queues }: UpOptions): Promise<number> {
  growHeap()
  const environment = loadEnvironment()
  // Only digests of configured keys are kept, so the demo gets a key of its own for this run.
  const demoKey = demo && environment.apiKeys.length > 0 ? newApiKey() : undefined
  if (demoKey)
    environment.apiKeys.push({
      ...{ tenant: 'demo', scopes: ['submit', 'read'], limits: {}, digest: demoKey.digest },
    })
  const logger = createLogger({ level: environment.logLevel, secrets: secretsOf(environment) })
  const parts = new RunningParts()
  const stop = awaitStopRequest(() => {
    // Child processes end with us: the Temporal server is on a leash.
    say('Stopping at once.')
    process.exit(130)
  })
  try {
    const { signal: stopped } = stop
    const local = await takeLocalResources({ environment, parts, say, signal: stopped })
    // The code of steps, API and pages takes a second to load, while Temporal starts.
    const { startService } = await import('./service.ts')
    const service = await startService({
      ...{ local, environment, logger, queues, parts, drainGrace, say, signal: stopped },
    })
    say(banner(service, environment.dataDir))
    if (demo) {
      const { runDemo } = await import('./demo.ts')
      const remote = { url: service.localUrl, ...(demoKey && { apiKey: demoKey.key }) }
      runDemo({ remote, say }).catch((error: Error) => {
        if (!stop.signal.aborted) logger.error({ err: error }, 'the demo did not finish')
      })
    }
    const signal = await Promise.race([stop.requested, service.ended])
    say(
      `\nStopping (${signal}): running steps get ${drainGrace / 1000} s to finish, the rest continues at the next start.`,
    )
    return 0
  } catch (error) {
    // Errors caused by stopping are part of it.
    if (stop.signal.aborted) return 0
    throw error
  } finally {
    for (const problem of await parts.stop()) logger.warn({ err: problem }, 'did not stop cleanly')
    if (stop.signal.aborted) say('Stopped.')
    stop.dispose()
  }
}

function banner({ url, temporal, store, gallery, listening }: Service, dataDir: string): string {
  const lines: [string, string][] = [
    ['Site', url],
    ['API docs', `${url}/docs`],
    ['Temporal Web UI', temporal.uiUrl ?? `of the server at ${temporal.address}`],
    ['Data', `${relative(process.cwd(), dataDir) || '.'} (${store}; gallery: ${gallery})`],
    ...listening.map((line): [string, string] => ['Listening', line]),
  ]
  const seconds = process.uptime().toFixed(1)
  return `
mosaicme is ready after ${seconds} s. Ctrl-C stops it.

${lines.map(([name, value]) => `  ${name.padEnd(17)} ${value}`).join('\n')}
`
}

function say(line: string): void {
  console.log(line)
}
