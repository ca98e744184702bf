/** Entry point of tasks in `thread.ts`; releases the memory they shared. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as tasks from './thread.ts'

/**
 * Shared bytes of past tasks that a thread may still hold. Several tasks of one mosaic count the same memory
 * repeatedly, so the actual amount is about an eighth. Collecting more often costs more than it saves,
 * because V8 then discards optimised code.
 */
const heldAtMost = 256 * 2 ** 20
let held = 0

export interface ThreadTask {
  /** Name of a function in `thread.ts`. */
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
      // After this function returns, because it still references the task.
      setImmediate(collectGarbage)
    }
  }
}

/** Bytes of the shared buffers and memories within a value. */
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
 * V8 collects garbage after a thread has allocated enough, but these threads allocate next to nothing, and
 * shared memory is not counted. Without this, a service leaked 2 MB of memory and ten gigabytes of address
 * space per small mosaic.
 */
function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
