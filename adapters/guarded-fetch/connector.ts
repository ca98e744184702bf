import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { type AllowedHost, isAllowedHost, plainHost } from './allowed-hosts.ts'
import { FetchError } from './fetch-error.ts'
import { specialRange } from './public-address.ts'

/** Like `dns.lookup` with `all`: resolves a name to all of its addresses. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface ConnectorOptions {
  allowed: readonly AllowedHost[]
  connectTimeoutMs: number
  resolve?: Resolve
}

/**
 * Opens connections to public addresses only. Checks the address at the time of connecting: a name checked beforehand could
 * resolve differently for the connection (DNS rebinding).
 */
export function guardedConnector({ allowed, connectTimeoutMs, resolve = systemLookup }: ConnectorOptions) {
  // Two connectors, so that they share no resumed TLS sessions and no lookups.
  const open = buildConnector({
    timeout: connectTimeoutMs,
    lookup: lookupWith(resolve, () => undefined),
  } as buildConnector.BuildOptions)
  const guarded = buildConnector({
    timeout: connectTimeoutMs,
    lookup: lookupWith(resolve, refusal),
  } as buildConnector.BuildOptions)

  return (options: buildConnector.Options, callback: buildConnector.Callback): void => {
    const host = plainHost(options.hostname)
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
    if (isAllowedHost(allowed, host, port)) {
      open(options, callback)
      return
    }
    // An IP address as the host never reaches the lookup.
    const forbidden = isIP(host) === 0 && !localhost.test(host) ? undefined : refusal(host, [host])
    if (forbidden !== undefined) {
      callback(forbidden, null)
      return
    }
    guarded(options, (error, socket) => {
      const late = error ?? refusal(host, [socket?.remoteAddress ?? ''])
      if (late === undefined) callback(null, socket as Exclude<typeof socket, null>)
      else {
        socket?.destroy()
        callback(late, null)
      }
    })
  }
}

/** RFC 6761: loopback, whatever a resolver says. */
const localhost = /(^|\.)localhost$/

/** All addresses must be public, because Node tries one after the other. */
function refusal(host: string, addresses: readonly string[]): FetchError | undefined {
  for (const address of addresses) {
    const range = localhost.test(address) ? 'loopback' : specialRange(address)
    if (range === undefined) continue
    const kind = range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    // The message does not contain the address, so that nobody can map the names of our network.
    return new FetchError(
      'address_forbidden',
      `expected a public address for ${host}, got one that is ${kind}`,
    )
  }
  return undefined
}

type Check = (host: string, addresses: readonly string[]) => Error | undefined

function lookupWith(resolve: Resolve, check: Check): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      const addresses = found?.map(({ address }) => address) ?? []
      const wrong = error ?? check(host, addresses) ?? nothing(host, addresses)
      if (wrong !== undefined) callback(wrong, '', 4)
      else if (options.all) callback(null, found)
      else callback(null, found[0]!.address, found[0]!.family)
    })
  }
}

function nothing(host: string, addresses: readonly string[]): Error | undefined {
  return addresses.length > 0
    ? undefined
    : Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' })
}
