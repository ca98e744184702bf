/** Hosts that the guarded fetch may reach although their IP addresses are private: `host` or `host:port`. */
export interface AllowedHost {
  /** Lower case, without brackets and without a trailing dot. */
  host: string
  /** Absent: every port. */
  port?: number
}

/** `photos.internal`, `127.0.0.1:8080`, `[::1]:8080`; `undefined` for anything else (a scheme, a path, a wildcard). */
export function parseAllowedHost(text: string): AllowedHost | undefined {
  if (!/^(?:\[[0-9a-f:.]+\]|[^\s/:@?#[\]*\\]+)(?::\d{1,5})?$/i.test(text)) return undefined
  if (!URL.canParse(`http://${text}`)) return undefined
  // Taken from the text, because URL drops `:80`.
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1]
  const host = plainHost(new URL(`http://${text}`).hostname)
  return port === undefined ? { host } : { host, port: Number(port) }
}

export function isAllowedHost(allowed: readonly AllowedHost[], host: string, port: number): boolean {
  const plain = plainHost(host)
  return allowed.some((entry) => entry.host === plain && (entry.port === undefined || entry.port === port))
}

/** Normalises `LOCALHOST.` and `[::1]` for comparison. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
