/** Loaded into the service beside its own code: tells, when asked, what the process has cost so far. */
import { readFileSync } from 'node:fs'

/** USER_HZ, which is 100 on every Linux. */
const ticks = 100

function cpuSeconds() {
  try {
    // proc(5): user and system time of the process, and of its children that have ended.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
}

process.on('message', (question) => {
  if (question === 'collect') for (let times = 0; times < 3; times++) globalThis.gc?.()
  process.send?.({ pid: process.pid, cpuSeconds: cpuSeconds(), rss: process.memoryUsage.rss() })
})
// Listening must not keep alive what has been told to stop.
process.channel?.unref()
