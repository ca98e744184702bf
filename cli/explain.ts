/** An error as the person at the terminal should read it: its sentence; its stack for whoever asks for it. */
export function explain(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  if (!(error instanceof Error)) return `mosaicme: ${String(error)}`
  if (/^(debug|trace)$/i.test(env.LOG_LEVEL ?? ''))
    return `mosaicme: ${error.stack ?? error.message}${causes(error)}`
  // A connection that fails on each of its addresses says why only inside.
  const message = error.message || (error instanceof AggregateError && error.errors[0]?.message) || error.name
  return `mosaicme: ${message}`
}

function causes({ cause }: Error): string {
  return cause instanceof Error ? `\ncaused by ${cause.stack ?? cause.message}${causes(cause)}` : ''
}
