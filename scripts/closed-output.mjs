/**
 * Handles a closed output, as with `npm start | head`. SIGPIPE ends other programs then. Node ignores that signal and emits an
 * error of the stream instead, which would end the process in the middle of its work.
 */
export function endWithReader() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
      // Code that must clean up listens to the signal (cli/stop-request.ts); otherwise exit.
      if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(0)
    })
  }
}
