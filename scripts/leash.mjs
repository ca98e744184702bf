/**
 * Runs a program that must not outlive its parent: `node leash.mjs PROGRAM ARGUMENT...`
 *
 * A parent killed with SIGKILL cannot clean up. The leash is tied to its parent by an IPC channel, which the operating system
 * closes however the parent ends; then the leash stops the program. It sends the program's PID as `{pid}` over that channel.
 * Plain JavaScript, so that it runs from a clone, from dist and from tests.
 */
import { spawn } from 'node:child_process'

/** Time between SIGTERM and SIGKILL, ms. */
const grace = 5_000

// Installed before the program starts: without a handler, a signal would end only us and leave the program behind.
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
// The parent may already be gone; its end is handled above.
child.once('spawn', () => process.connected && process.send({ pid: child.pid }, () => {}))
child.once('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.once('exit', (code) => process.exit(code ?? 1))
