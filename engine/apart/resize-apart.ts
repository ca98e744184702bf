import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ResizedPicture, ResizeTask } from '../resize/resize-here.ts'
import { runApart } from './run-apart.ts'

const script = fileURLToPath(new URL(`./resize-process${extname(import.meta.url)}`, import.meta.url))

/**
 * A heavy resize, in a child process.
 * @throws PictureError; `signal.reason` as soon as `signal` aborts
 */
export async function resizeApart(task: ResizeTask, signal?: AbortSignal): Promise<ResizedPicture[]> {
  const made = await runApart<ResizedPicture[]>(
    script,
    { ...task, bytes: Buffer.from(task.bytes) },
    { signal },
  )
  return made.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) }))
}
