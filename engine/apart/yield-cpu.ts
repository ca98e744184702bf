import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** A tenth of what a process of usual priority gets of a core that both want. */
const niceness = constants.priority.PRIORITY_BELOW_NORMAL

/**
 * Has a process let others go first: at once after its start, since on Linux a thread has the priority of the one that started it.
 *
 * Where Linux schedules sessions as groups (`sched_autogroup`, the default outside of containers; sched(7)), a nice value counts
 * within its session alone: Temporal's server, which has one of its own, would share the machine with a mosaic half and half.
 * So the process should lead a session too (`detached`), which then yields as a whole.
 */
export function yieldCpu(pid: number): void {
  try {
    setPriority(pid, niceness)
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch {
    // It has ended already, or the system knows no priorities or no such groups: it works all the same.
  }
}
