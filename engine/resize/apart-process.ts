/** The process behind `resize-apart.ts`: one task, one answer. */
import { PictureError } from '../picture-error.ts'
import type { Answer } from './resize-apart.ts'
import { type ResizeTask, resizeHere } from './resize-here.ts'

// Whoever asked is gone: nobody wants the rest, and libvips would go on.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))

process.once('message', async (task: ResizeTask) => {
  process.send?.(await answer(task))
})

async function answer(task: ResizeTask): Promise<Answer> {
  try {
    return { made: await resizeHere(task) }
  } catch (error) {
    if (error instanceof PictureError) return { pictureError: { code: error.code, message: error.message } }
    return { defect: error instanceof Error ? error.message : String(error) }
  }
}
