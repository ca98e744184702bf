/**
 * Heavy work in a process of its own: libvips and the encoders below it cannot be interrupted, a process can be killed,
 * and its memory goes back when it ends. Nor can a thread: what libuv's pool runs goes on after `worker.terminate()`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { PictureError, type PictureErrorCode } from '../picture-error.ts'
import { sourceLoader } from '../threads.ts'
import { yieldCpu } from './yield-cpu.ts'

/** What comes back; before it, perhaps, how far the work is. Errors lose their class on the way. */
export type Answer<Made> =
  | { done: number; total: number }
  | { made: Made }
  | { pictureError: { code: PictureErrorCode; message: string } }
  | { defect: { message: string; code?: string } }

export interface ApartOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((done: number, total: number) => void) | undefined
  /** Whether it yields the CPU to this process, which answers people. */
  yields?: boolean
}

/** What libvips and its libraries look at; nobody's keys. */
const passedOn =
  /^(PATH|HOME|TMPDIR|TEMP|LANG|LC_\w+|TZ|LD_\w+|MALLOC_\w+|VIPS_\w+|FONTCONFIG_\w+|XDG_\w+|SYSTEMROOT)$/i

/**
 * Has `script` do one task; its other end is `answerApart`.
 *
 * @throws PictureError; `signal.reason` as soon as `signal` aborts, with the process killed
 */
export async function runApart<Made>(
  script: string,
  task: object,
  { signal, onProgress, yields = false }: ApartOptions = {},
): Promise<Made> {
  const child = fork(script, [], {
    execArgv: sourceLoader(),
    // Structured clones: pictures travel as bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A session of its own. It ends with this process all the same: see `answerApart`.
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
    throw Object.assign(new Error(`the process that works apart failed: ${message}`), code && { code })
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
      reject(new Error(`the process that works apart ended without an answer (${signal ?? code})`)),
    )
    child.send(task, (error) => error && reject(error))
  })
}
