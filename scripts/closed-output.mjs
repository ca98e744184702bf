/**
 * What to do when nobody reads our output any more, as with `npm start | head`. Other programs are ended by SIGPIPE then.
 * Node ignores that signal and tells of an error of the stream instead, which ends the process in the middle of its work.
 */
export function endWithReader() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
      // Who has something to bring to an end listens to the signal (cli/stop-request.ts); everything else is over.
      if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(0)
    })
  }
}
