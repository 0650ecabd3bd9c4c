import { type Address, addressOf, parseAddress, type Words } from '../lib/address.ts'
import { contains, type Network, networkWithin } from '../lib/network.ts'
import { FAULT, type Fault } from './fault.ts'
import { type Library, overload } from './signature.ts'
import type { CidrValue, IpValue, Value } from './value.ts'

/** A dotted part in an IPv6 address is refused: readers disagree about which of the two families it is of. */
const readAddress = (text: string): Address | null => (text.includes(':') && text.includes('.') ? null : parseAddress(text))

const ipOf = (text: string): IpValue | Fault => {
  const address = readAddress(text)
  return address === null ? FAULT.conversion : { kind: 'ip', address }
}

const maskOf = (bits: number): number => {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0
}

const mapWords = ([a, b, c, d]: Words, map: (word: number, mask: number) => number, bits: number): Words => [
  map(a, maskOf(bits)) >>> 0,
  map(b, maskOf(bits - 32)) >>> 0,
  map(c, maskOf(bits - 64)) >>> 0,
  map(d, maskOf(bits - 96)) >>> 0,
]

/** `bits` counts within the 128 bits of the mapped place. */
const networkOf = (address: Address, prefix: number): Network => {
  const bits = address.family === 4 ? prefix + 96 : prefix
  const first = mapWords(address.words, (word, mask) => word & mask, bits)
  const last = mapWords(first, (word, mask) => word | ~mask, bits)
  return { family: address.family, first, last, prefix, text: `${addressOf(first).text}/${prefix}` }
}

const cidrOf = (text: string): CidrValue | Fault => {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text)
  const address = match === null ? null : readAddress(match[1] as string)
  if (match === null || address === null) return FAULT.conversion
  const prefix = Number(match[2])
  return prefix > (address.family === 4 ? 32 : 128)
    ? FAULT.conversion
    : { kind: 'cidr', address, network: networkOf(address, prefix) }
}

const top = ({ address }: IpValue): number =>
  (address.family === 4 ? (address.words[3] as number) : (address.words[0] as number)) >>> 0

/** Tests of the kind of an address, for each family: the first bits of its last (IPv4) or first (IPv6) word. */
const begins = (ip: IpValue, four: readonly [mask: number, is: number], six: readonly [mask: number, is: number]): boolean => {
  const [mask, is] = ip.address.family === 4 ? four : six
  return (top(ip) & mask) >>> 0 === is
}

const isUnspecified = ({ address }: IpValue): boolean => address.text === '0.0.0.0' || address.text === '::'
const isLoopback = (ip: IpValue): boolean =>
  ip.address.family === 4 ? begins(ip, [0xff000000, 0x7f000000], [0, 0]) : ip.address.text === '::1'
const isLinkLocalUnicast = (ip: IpValue): boolean => begins(ip, [0xffff0000, 0xa9fe0000], [0xffc00000, 0xfe800000])
const isLinkLocalMulticast = (ip: IpValue): boolean => begins(ip, [0xffffff00, 0xe0000000], [0xff0f0000, 0xff020000])
const isMulticast = (ip: IpValue): boolean => begins(ip, [0xf0000000, 0xe0000000], [0xff000000, 0xff000000])
const isGlobalUnicast = (ip: IpValue): boolean =>
  ip.address.text !== '255.255.255.255' && ![isUnspecified, isLoopback, isLinkLocalUnicast, isMulticast].some((test) => test(ip))

const tests = (entries: Readonly<Record<string, (ip: IpValue) => boolean>>): Library =>
  Object.fromEntries(Object.entries(entries).map(([name, test]) => [name, [overload('ip.() -> bool', test)]]))

const within = (outer: CidrValue, inner: Value): Value => {
  const network = typeof inner === 'string' ? cidrOf(inner) : (inner as CidrValue)
  return network.kind === 'fault' ? network : networkWithin(network.network, outer.network)
}

const holds = (network: CidrValue, address: Value): Value => {
  const ip = typeof address === 'string' ? ipOf(address) : (address as IpValue)
  return ip.kind === 'fault' ? ip : contains(network.network, ip.address)
}

const masked = ({ network }: CidrValue): CidrValue => ({ kind: 'cidr', address: addressOf(network.first), network })

/** Addresses and networks: the language's network extension. IPv4 in its mapped place is IPv4; families never mix. */
export const NETWORK: Library = {
  ip: [
    overload('(string) -> ip', ipOf),
    overload('(ip) -> ip', (ip: IpValue) => ip),
    overload('cidr.() -> ip', ({ address }: CidrValue) => ({ kind: 'ip', address })),
  ],
  cidr: [overload('(string) -> cidr', cidrOf), overload('(cidr) -> cidr', (cidr: CidrValue) => cidr)],
  isIP: [overload('(string) -> bool', (text: string) => readAddress(text) !== null)],
  isCIDR: [overload('(string) -> bool', (text: string) => cidrOf(text).kind !== 'fault')],
  'ip.isCanonical': [
    overload('(string) -> bool', (text: string) => {
      const ip = ipOf(text)
      return ip.kind === 'fault' ? ip : ip.address.text === text
    }),
  ],
  family: [overload('ip.() -> int', ({ address }: IpValue) => address.family)],
  ...tests({ isUnspecified, isLoopback, isGlobalUnicast, isLinkLocalMulticast, isLinkLocalUnicast }),
  containsIP: [overload('cidr.(string) -> bool', holds), overload('cidr.(ip) -> bool', holds)],
  containsCIDR: [overload('cidr.(string) -> bool', within), overload('cidr.(cidr) -> bool', within)],
  masked: [overload('cidr.() -> cidr', masked)],
  prefixLength: [overload('cidr.() -> int', ({ network }: CidrValue) => network.prefix)],
}
