/** An error for the terminal: its message, and its stack if requested. */
export function explain(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  if (!(error instanceof Error)) return `mosaicme: ${String(error)}`
  if (/^(debug|trace)$/i.test(env.LOG_LEVEL ?? ''))
    return `mosaicme: ${error.stack ?? error.message}${causes(error)}`
  // If a connection fails on each of several addresses, only the inner errors say why.
  const message = error.message || (error instanceof AggregateError && error.errors[0]?.message) || error.name
  return `mosaicme: ${message}`
}

function causes({ cause }: Error): string {
  return cause instanceof Error ? `\ncaused by ${cause.stack ?? cause.message}${causes(cause)}` : ''
}
