import { PictureError } from '../picture-error.ts'
import type { Answer } from './run-apart.ts'

/** Minimum milliseconds between progress messages. */
const tellEvery = 100

/** The child process of `runApart`: one task, one answer. */
export function answerApart<Task, Made>(
  work: (task: Task, onProgress: (done: number, total: number) => void) => Promise<Made>,
): void {
  const tell = (answer: Answer<Made>) => process.send?.(answer)
  let told = 0
  const onProgress = (done: number, total: number) => {
    if (Date.now() - told < tellEvery) return
    told = Date.now()
    tell({ done, total })
  }

  // The parent is gone; without this libvips would continue.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.once('message', async (task: Task) => {
    try {
      tell({ made: await work(task, onProgress) })
    } catch (error) {
      tell(failure(error))
    }
  })
}

function failure(error: unknown): Answer<never> {
  if (error instanceof PictureError) return { pictureError: { code: error.code, message: error.message } }
  const { message, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  return { defect: { message, ...(code !== undefined && { code }) } }
}
