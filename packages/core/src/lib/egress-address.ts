import type { Address } from './address.ts'
import { contains, createNetworkSet, type Network, parseNetwork } from './network.ts'

/**
 * Where a request of ours may go besides public addresses. `allowPrivate`: all private addresses, or the networks listed.
 * `allowLoopback`: 127.0.0.0/8 and ::1. Both default to no. Nothing allows link-local (cloud metadata services live there),
 * multicast, unspecified, or reserved addresses, nor IPv6 forms that carry an IPv4 address.
 */
export interface EgressScope {
  readonly allowPrivate?: boolean | readonly Network[]
  readonly allowLoopback?: boolean
}

const setOf = (texts: readonly string[]): { has(address: Address): boolean } =>
  createNetworkSet(texts.map(parseNetwork).flatMap((parsed) => (parsed.ok ? [parsed.network] : [])))

const LOOPBACK = setOf(['127.0.0.0/8', '::1'])

/** RFC 1918, RFC 6598 (carrier NAT), RFC 4193 (unique local). */
const PRIVATE = setOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'])

/**
 * Never a peer of ours: the special-purpose blocks of RFC 6890 that are not private, and the metadata services of clouds
 * that stand in private or public space.
 */
const NEVER = setOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
])

/** The one part of IPv6 that is given out. */
const GLOBAL_V6 = setOf(['2000::/3'])

/** Special within it: protocol assignments and Teredo, documentation, 6to4, which reaches an IPv4 address under another name. */
const SPECIAL_V6 = setOf(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/** True for an address of the machine itself. */
export const isLoopback = (address: Address): boolean => LOOPBACK.has(address)

const isPublic = (address: Address): boolean =>
  address.family === 4 ? !PRIVATE.has(address) : GLOBAL_V6.has(address) && !SPECIAL_V6.has(address)

/** True when a request of ours may go to the address. */
export const mayReach = (address: Address, scope: EgressScope): boolean => {
  if (NEVER.has(address)) return false
  if (isLoopback(address)) return scope.allowLoopback === true
  if (isPublic(address)) return true
  if (!PRIVATE.has(address)) return false
  const allowed = scope.allowPrivate ?? false
  return typeof allowed === 'boolean' ? allowed : allowed.some((network) => contains(network, address))
}
