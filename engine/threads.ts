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
  /** Threads to use. Default: the machine's parallelism. Results do not depend on it. */
  threads?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((done: number) => void) | undefined
}

/*
 * The entry files next to this one: `.js` when built; `.ts` when run from sources, for which threads need a
 * loader.
 */
const extension = extname(import.meta.url)
const entryOf = (file: string) => new URL(`./${file}${extension}`, import.meta.url).href
/* Somebody waits for the first tile of a mosaic, so painting threads do not load the matcher. */
const entries = { matching: entryOf('thread-entry'), painting: entryOf('encode-band') }
const isPainting = (name: WorkName) => name.startsWith('render')
const typescriptLoader = () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  return `data:text/javascript,import { register } from '${new URL('dist/esm/api/index.mjs', tsx)}'; register()`
}
/** `execArgv` for child processes and threads that load files of this project. */
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
    // Interactive requests have priority over mosaics.
    niceIncrement: 10,
    execArgv: sourceLoader(),
  })
  pools.set(threads, created)
  return created
}

/** Starts threads ahead of work, while something else is awaited: loading takes them 0.1 s. */
export function startThreads(
  work: keyof typeof entries,
  { threads = availableParallelism() }: RunOptions = {},
): void {
  const entry = { filename: entries[work], name: work === 'painting' ? 'ready' : 'default' }
  for (let i = 0; i < threads; i++)
    /* The first task reports errors. */
    pool(threads)
      .run({ name: 'ready', task: {} } satisfies ThreadTask, entry)
      .catch(() => {})
}

/**
 * Runs CPU-bound tasks on threads, one task each. When one fails or `signal` aborts, the others stop at their
 * next checkpoint, some ms later, and only then does this reject.
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
            ? pool(threads).run(whole, { name, filename: entries.painting })
            : pool(threads).run({ name, task: whole }, { filename: entries.matching }))
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

/** Lets the process exit at once instead of when idle threads time out. */
export async function closeThreads(): Promise<void> {
  const open = [...pools.values()]
  pools.clear()
  await Promise.all(open.map((one) => one.destroy()))
}
