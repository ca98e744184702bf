import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** A tenth of the CPU time of a process at normal priority when both compete for a core. */
const niceness = constants.priority.PRIORITY_BELOW_NORMAL

/**
 * Lowers a process's priority. Call it right after the start, because on Linux threads inherit the priority
 * of their creator.
 *
 * Where Linux schedules sessions as groups (`sched_autogroup`, the default outside of containers; sched(7)),
 * a nice value only counts within its session. Temporal's server, which has its own, would share the machine
 * equally with a mosaic. So the process should also lead a session (`detached`), whose group then yields as a
 * whole.
 */
export function yieldCpu(pid: number): void {
  try {
    setPriority(pid, niceness)
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch {
    // The process has already ended, or the system lacks priorities or autogroups: it works at normal
    // priority.
  }
}
