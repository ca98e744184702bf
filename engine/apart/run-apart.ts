/**
 * Heavy work in a child process: libvips and its encoders cannot be interrupted, but a process can be killed,
 * and its memory is returned when it ends. A thread would not do: work in libuv's pool continues after
 * `worker.terminate()`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { PictureError, type PictureErrorCode } from '../picture-error.ts'
import { sourceLoader } from '../threads.ts'
import { yieldCpu } from './yield-cpu.ts'

/** A message from the child: progress, or the final answer. Errors lose their class in transit. */
export type Answer<Made> =
  | { done: number; total: number }
  | { made: Made }
  | { pictureError: { code: PictureErrorCode; message: string } }
  | { defect: { message: string; code?: string } }

export interface ApartOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((done: number, total: number) => void) | undefined
  /** Whether the child yields the CPU to this process, which serves requests. */
  yields?: boolean
}

/** Variables that libvips and its libraries read. No credentials are passed on. */
const passedOn =
  /^(PATH|HOME|TMPDIR|TEMP|LANG|LC_\w+|TZ|LD_\w+|MALLOC_\w+|VIPS_\w+|FONTCONFIG_\w+|XDG_\w+|SYSTEMROOT)$/i

/**
 * Has `script`, which uses `answerApart`, do one task.
 *
 * @throws PictureError; `signal.reason` as soon as `signal` aborts, after killing the process
 */
export async function runApart<Made>(
  script: string,
  task: object,
  { signal, onProgress, yields = false }: ApartOptions = {},
): Promise<Made> {
  const child = fork(script, [], {
    execArgv: sourceLoader(),
    // Structured clones: pictures are sent as bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // In a session of its own. It still ends with this process: see `answerApart`.
    detached: yields && process.platform === 'linux',
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
  })
  if (yields && child.pid !== undefined) yieldCpu(child.pid)
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  try {
    if (signal?.aborted) kill()
    const answer = await converse<Made>(child, task, onProgress)
    if ('made' in answer) return answer.made
    if ('pictureError' in answer)
      throw new PictureError(answer.pictureError.code, answer.pictureError.message)
    const { message, code } = answer.defect
    throw Object.assign(new Error(`the child process failed: ${message}`), code && { code })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', kill)
    kill()
  }
}

function converse<Made>(
  child: ChildProcess,
  task: object,
  onProgress: ApartOptions['onProgress'],
): Promise<Exclude<Answer<Made>, { done: number }>> {
  return new Promise((resolve, reject) => {
    child.on('message', (answer: Answer<Made>) => {
      if ('done' in answer) onProgress?.(answer.done, answer.total)
      else resolve(answer)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`the child process ended without an answer (${signal ?? code})`)),
    )
    child.send(task, (error) => error && reject(error))
  })
}
