/** Where a thread begins each task of `thread.ts`, and lets go of what it shared for it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as tasks from './thread.ts'

/**
 * Shared bytes of past tasks that a thread may still hold, those of several tasks of one mosaic counted several times: an eighth of
 * it in fact. Collecting more often costs more than it gives: V8 then forgets what it had compiled well.
 */
const heldAtMost = 256 * 2 ** 20
let held = 0

export interface ThreadTask {
  /** Of a function of `thread.ts`. */
  name: string
  task: unknown
}

const byName: Record<string, (task: never) => unknown> = { ...tasks }

export default async function runTask({ name, task }: ThreadTask): Promise<unknown> {
  try {
    return await byName[name]!(task as never)
  } finally {
    held += sharedBytes(task)
    if (held > heldAtMost) {
      held = 0
      // Once this function is left: until then the task is in use.
      setImmediate(collectGarbage)
    }
  }
}

/** Of buffers and memories in it, and in what it is made of. */
function sharedBytes(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > 3) return 0
  if (value instanceof SharedArrayBuffer) return value.byteLength
  if (value instanceof WebAssembly.Memory || ArrayBuffer.isView(value))
    return sharedBytes(value.buffer, depth + 1)
  if (Array.isArray(value) && typeof value[0] !== 'object') return 0
  return Object.values(value).reduce((sum: number, part) => sum + sharedBytes(part, depth + 1), 0)
}

let collect: (() => void) | undefined

/**
 * V8 collects garbage when a thread has made enough of its own, and these make next to none: memory that they share with others
 * is not counted. A service lost 2 MB with each small mosaic, and ten gigabytes of address space.
 */
function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
