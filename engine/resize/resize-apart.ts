/**
 * A heavy resize, in a process of its own: libvips and the encoders below it cannot be interrupted, a process can be
 * killed. Neither can a thread: what libuv's pool runs goes on after `worker.terminate()`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PictureError, type PictureErrorCode } from '../picture-error.ts'
import { sourceLoader } from '../threads.ts'
import type { ResizedPicture, ResizeTask } from './resize-here.ts'

/** What comes back. Errors lose their class on the way. */
export type Answer =
  | { made: ResizedPicture[] }
  | { pictureError: { code: PictureErrorCode; message: string } }
  | { defect: string }

const script = fileURLToPath(new URL(`./apart-process${extname(import.meta.url)}`, import.meta.url))

/** What libvips and its libraries look at; nobody's keys. */
const passedOn =
  /^(PATH|HOME|TMPDIR|TEMP|LANG|LC_\w+|TZ|LD_\w+|MALLOC_\w+|VIPS_\w+|FONTCONFIG_\w+|XDG_\w+|SYSTEMROOT)$/i

/** @throws PictureError; `signal.reason` as soon as `signal` aborts, with the process killed */
export async function resizeApart(task: ResizeTask, signal?: AbortSignal): Promise<ResizedPicture[]> {
  const child = fork(script, [], {
    execArgv: sourceLoader(),
    // Structured clones: pictures travel as bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
  })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  try {
    if (signal?.aborted) kill()
    const answer = await converse(child, task)
    if ('made' in answer) return answer.made.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) }))
    if ('pictureError' in answer)
      throw new PictureError(answer.pictureError.code, answer.pictureError.message)
    throw new Error(`the process that resized a picture failed: ${answer.defect}`)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', kill)
    kill()
  }
}

function converse(child: ChildProcess, task: ResizeTask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer))
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`the process that resized a picture ended without an answer (${signal ?? code})`)),
    )
    child.send({ ...task, bytes: Buffer.from(task.bytes) }, (error) => error && reject(error))
  })
}
