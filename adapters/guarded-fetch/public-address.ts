/**
 * Decides which addresses untrusted URLs may lead to: only the public internet.
 * Ranges: IANA's special-purpose registries for IPv4 and IPv6, as of 2026.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Special ranges that ipaddr.js does not know. */
const alsoSpecialV4 = [
  '192.0.0.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
]
const globalUnicastV6 = '2000::/3'
/** IETF protocol assignments (Teredo among them), documentation, 6to4, AS112: all within 2000::/3. */
const alsoSpecialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']
/** NAT64, by which IPv6-only networks reach public IPv4 addresses. The embedded address counts. */
const nat64 = '64:ff9b::/96'

/** `undefined` for public addresses, otherwise the kind: `loopback`, `private`, `linkLocal`, `carrierGradeNat`, ... */
export function specialRange(address: string): string | undefined {
  const plain = address.replace(/%.*$/, '')
  if (isIP(plain) === 0) return 'unknown'
  // ipaddr.js parses the old IPv4-compatible notation as a mapped address.
  if (/^::\d+\./.test(plain)) return 'reserved'
  const parsed = ipaddr.parse(plain)
  return parsed.kind() === 'ipv4' ? specialV4(parsed as ipaddr.IPv4) : specialV6(parsed as ipaddr.IPv6)
}

function specialV4(address: ipaddr.IPv4): string | undefined {
  const range = address.range()
  if (range !== 'unicast') return range
  return within(address, alsoSpecialV4) ? 'reserved' : undefined
}

function specialV6(address: ipaddr.IPv6): string | undefined {
  if (address.isIPv4MappedAddress()) return specialV4(address.toIPv4Address())
  if (within(address, [nat64])) return specialV4(new ipaddr.IPv4(address.toByteArray().slice(12)))
  const range = address.range()
  if (range !== 'unicast') return range
  // Nothing outside of global unicast is public: `::127.0.0.1`, site-local, unassigned ranges, ...
  if (!within(address, [globalUnicastV6])) return 'reserved'
  return within(address, alsoSpecialV6) ? 'reserved' : undefined
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range) as Range
    return address.kind() === network.kind() && (address as ipaddr.IPv6).match(network as ipaddr.IPv6, bits)
  })
}
