import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { type AllowedHost, isAllowedHost, plainHost } from './allowed-hosts.ts'
import { FetchError } from './fetch-error.ts'
import { specialRange } from './public-address.ts'

/** As `dns.lookup` with `all`: every address of a name. */
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
 * Opens connections to public addresses only. The address is looked at here, where it is used: a check of the name
 * beforehand can be answered differently from the one that connects (DNS rebinding).
 */
export function guardedConnector({ allowed, connectTimeoutMs, resolve = systemLookup }: ConnectorOptions) {
  // Two, so that a resumed TLS session or a lookup of the one is never the other's.
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
    // An address as a host never reaches the lookup.
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

/** Every answer has to be public: Node tries them one after the other. */
function refusal(host: string, addresses: readonly string[]): FetchError | undefined {
  for (const address of addresses) {
    const range = localhost.test(address) ? 'loopback' : specialRange(address)
    if (range === undefined) continue
    const kind = range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    // Which address it is, is not for strangers: names within a network would be theirs to map.
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
