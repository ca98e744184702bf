import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Piscina } from 'piscina'
import type { Shared } from './checkpoint.ts'
import type * as painting from './encode-band.ts'
import type * as work from './thread.ts'
import type { ThreadTask } from './thread-entry.ts'

type Work = typeof work & typeof painting
export type WorkName = keyof Work
type Task<Name extends WorkName> = Omit<Parameters<Work[Name]>[0], 'shared'>
type Result<Name extends WorkName> = Awaited<ReturnType<Work[Name]>>

export interface RunOptions {
  /** Threads to use. Default: as many as the machine runs at once. Results do not depend on it. */
  threads?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((done: number) => void) | undefined
}

/* Beside this file lies its twin: `.js` when built; `.ts` when run from source, which each thread must learn to load. */
const extension = extname(import.meta.url)
const doorOf = (file: string) => new URL(`./${file}${extension}`, import.meta.url).href
/* Somebody waits for the first tile of a mosaic: a thread that paints it does not load what matching needs. */
const doors = { matching: doorOf('thread-entry'), painting: doorOf('encode-band') }
const isPainting = (name: WorkName) => name.startsWith('render')
const typescriptLoader = () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  return `data:text/javascript,import { register } from '${new URL('dist/esm/api/index.mjs', tsx)}'; register()`
}
/** For `execArgv` of whatever loads a file of ours apart from this process. */
export const sourceLoader = () => (extension === '.ts' ? ['--import', typescriptLoader()] : [])

const pools = new Map<number, Piscina>()

function pool(threads: number): Piscina {
  const existing = pools.get(threads)
  if (existing) return existing
  const created = new Piscina({
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 20_000,
    atomics: 'disabled',
    // Whoever waits for an answer goes before those who wait for a mosaic.
    niceIncrement: 10,
    execArgv: sourceLoader(),
  })
  pools.set(threads, created)
  return created
}

/** Starts threads before there is work for them, while something else is waited for: they take 0.1 s to load what they need. */
export function startThreads(
  work: keyof typeof doors,
  { threads = availableParallelism() }: RunOptions = {},
): void {
  const door = { filename: doors[work], name: work === 'painting' ? 'ready' : 'default' }
  for (let i = 0; i < threads; i++)
    /* Whoever has work for them hears what is wrong with them. */
    pool(threads)
      .run({ name: 'ready', task: {} } satisfies ThreadTask, door)
      .catch(() => {})
}

/**
 * Runs pure number-crunching off the main thread, each task on a thread of its own. When one fails or `signal` aborts,
 * the others stop at their next checkpoint, some ms later, and only then does this reject.
 */
export async function runOnThreads<Name extends WorkName>(
  name: Name,
  tasks: Task<Name>[],
  { threads = availableParallelism(), signal, onProgress }: RunOptions = {},
): Promise<Result<Name>[]> {
  signal?.throwIfAborted()
  const shared: Shared = new Int32Array(new SharedArrayBuffer(8))
  const stop = () => Atomics.store(shared, 0, 1)
  signal?.addEventListener('abort', stop, { once: true })
  const timer = onProgress && setInterval(() => onProgress(Atomics.load(shared, 1)), 200)
  try {
    let failure: { error: unknown } | undefined
    const settled = await Promise.allSettled(
      tasks.map(async (task) => {
        try {
          const whole = { ...task, shared }
          return await (isPainting(name)
            ? pool(threads).run(whole, { name, filename: doors.painting })
            : pool(threads).run({ name, task: whole }, { filename: doors.matching }))
        } catch (error) {
          failure ??= { error }
          stop()
          throw error
        }
      }),
    )
    signal?.throwIfAborted()
    if (failure) throw failure.error
    onProgress?.(Atomics.load(shared, 1))
    return settled.map((one) => (one as PromiseFulfilledResult<Result<Name>>).value)
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Lets the process end at once instead of when idle threads time out. */
export async function closeThreads(): Promise<void> {
  const open = [...pools.values()]
  pools.clear()
  await Promise.all(open.map((one) => one.destroy()))
}
