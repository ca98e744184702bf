/**
 * Runs a program that must not outlive whoever started it: `node leash.mjs PROGRAM ARGUMENT...`
 *
 * A parent that is killed with SIGKILL can tidy nothing away, so somebody else has to. The leash is tied to its
 * parent by an IPC channel, which the operating system closes however the parent ends; then the leash ends the
 * program. It tells the program's PID as `{pid}` over that channel. Plain JavaScript: it runs from a clone, from dist
 * and from tests alike.
 */
import { spawn } from 'node:child_process'

/** ms between asking the program to stop and making it. */
const grace = 5_000

// Before there is a program: a signal that finds no handler would end us at once, and leave the program behind.
let ending = false
function end() {
  if (ending) return
  ending = true
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), grace)
}
process.once('disconnect', end)
process.on('SIGTERM', end)
process.on('SIGINT', end)

const [program, ...programArguments] = process.argv.slice(2)
const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] })
// The parent may be gone already: that is no reason to fall over, its end is handled above.
child.once('spawn', () => process.connected && process.send({ pid: child.pid }, () => {}))
child.once('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.once('exit', (code) => process.exit(code ?? 1))
