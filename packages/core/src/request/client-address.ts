// The one canonicaliser: raw bytes to AccessRequest, or a refusal. It is the only maker of AccessRequest, and it never repairs.
import { parseAddress, type Address } from '../lib/address.ts'
import { coversAll, createNetworkSet, type Network, type NetworkSet } from '../lib/network.ts'
import type { HeaderFact } from '../model/fact.ts'
import { parseForwarded } from './forwarded.ts'

/** The proxies whose word about the client is taken, and the one field they say it in. null: nobody is asked. */
export interface ProxyTrust {
  readonly proxies: NetworkSet
  readonly field: 'x-forwarded-for' | 'forwarded' | null
}

/** Trust in nobody: the client is the peer. */
export const NO_PROXIES: ProxyTrust = { proxies: createNetworkSet([]), field: null }

/** What makes a list of trusted proxies unusable; null when it is usable. Trusting everybody is trusting the client. */
export const trustFault = (networks: readonly Network[]): string | null => {
  const all = networks.find(coversAll)
  return all === undefined ? null : `${all.text} trusts every client to name its own address`
}

const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::'])
/** `[v6]`, `[v6]:port`, or `v4:port`; what matches nothing is an address alone or malformed. */
const BRACKETED = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](?::(\d{1,5}))?$/
const WITH_PORT = /^([\d.]+):(\d{1,5})$/

/** An address, an IPv4 address with a port, or a bracketed IPv6 address with or without one. Null for anything else. */
const parseNode = (text: string): Address | null => {
  const parts = BRACKETED.exec(text) ?? WITH_PORT.exec(text)
  if (Number(parts?.[2] ?? 0) > 65_535) return null
  const address = parseAddress(parts?.[1] ?? text)
  return address === null || UNSPECIFIED.has(address.text) ? null : address
}

type Hops = readonly (string | null)[]

const trimmed = (element: string): string => element.replace(/^[\t ]+|[\t ]+$/g, '')

const forwardedForHops = (line: string): Hops => (line === '' ? [] : line.split(',').map(trimmed))

const forwardedHops = (line: string): Hops => parseForwarded(line)?.map((element) => element.for) ?? [null]

/**
 * The client's address: from the socket's peer leftwards over proxies that are trusted, to the first hop that is not; when all
 * are trusted, the farthest. Null when a hop that has to be believed is not an address (`unknown`, `_hidden`, a zone, garbage):
 * the caller refuses. What stands left of the answer is the client's own word and is not looked at, but for the form of a
 * Forwarded line. IPv4-mapped addresses count as IPv4. Ports are dropped.
 */
export const clientAddress = (peer: Address, fields: HeaderFact, trust: ProxyTrust): Address | null => {
  if (trust.field === null || !trust.proxies.has(peer)) return peer
  const read = trust.field === 'forwarded' ? forwardedHops : forwardedForHops
  const hops = (fields.get(trust.field) ?? []).flatMap(read)
  let client = peer
  for (let i = hops.length - 1; i >= 0 && trust.proxies.has(client); i--) {
    const hop = hops[i] ?? null
    const address = hop === null ? null : parseNode(hop)
    if (address === null) return null
    client = address
  }
  return client
}
