import { type Address, addressOf, parseAddress, type Words } from './address.ts'

/** A block of addresses, both ends included. `prefix` counts within the family (0–32 or 0–128); `text` is canonical CIDR. */
export interface Network {
  readonly family: 4 | 6
  readonly first: Words
  readonly last: Words
  readonly prefix: number
  readonly text: string
}

export type ParsedNetwork = { readonly ok: true; readonly network: Network } | { readonly ok: false; readonly why: string }

/** Answers membership in a fixed list of networks. */
export interface NetworkSet {
  /** True when any of the networks contains the address. */
  has(address: Address): boolean
}

const refuse = (why: string): ParsedNetwork => ({ ok: false, why })

/** The mask of one word when `bits` of it belong to the prefix. */
const wordMask = (bits: number): number => {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0
}

const mapWords = (words: Words, map: (word: number, index: number) => number): Words => [
  map(words[0], 0),
  map(words[1], 1),
  map(words[2], 2),
  map(words[3], 3),
]

const compareWords = (a: Words, b: Words): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]

/** Block of the given length (in bits of the 128-bit space) round an address. */
const blockOf = (address: Address, bits: number): Network => {
  const first = mapWords(address.words, (word, i) => (word & wordMask(bits - 32 * i)) >>> 0)
  const last = mapWords(first, (word, i) => (word | ~wordMask(bits - 32 * i)) >>> 0)
  const prefix = address.family === 4 ? bits - 96 : bits
  return { family: address.family, first, last, prefix, text: `${addressOf(first).text}/${prefix}` }
}

/** A prefix length without sign, space or leading zero; -1 when it is none. */
const readPrefix = (text: string): number => (/^(?:0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : -1)

const checkBlock = (address: Address, bits: number): ParsedNetwork => {
  if (address.family === 4 && bits < 96) return refuse('the prefix of an IPv4-mapped network is at least /96')
  const network = blockOf(address, bits)
  if (compareWords(network.first, address.words) === 0) return { ok: true, network }
  return refuse(`bits are set beyond the prefix; the network is ${network.text}`)
}

/**
 * Reads `address/prefix` or a plain address (a network of one). Refuses, with the reason: what parseAddress refuses, a
 * prefix with a sign or leading zero or beyond the family's length, and set host bits (10.0.0.1/8 is more often a mistake
 * than a wish). `::ffff:a.b.c.d/120` is the IPv4 network of /24. Never throws.
 */
export const parseNetwork = (text: string): ParsedNetwork => {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === null) return refuse('not an IP address or a network such as 10.0.0.0/8')
  if (slash < 0) return { ok: true, network: blockOf(address, 128) }
  const prefix = readPrefix(text.slice(slash + 1))
  const longest = text.lastIndexOf(':', slash) < 0 ? 32 : 128
  if (prefix < 0 || prefix > longest) return refuse(`the prefix is a number from 0 to ${longest}`)
  return checkBlock(address, prefix + 128 - longest)
}

/** True when the address lies in the network. Families never mix: ::/0 contains no IPv4 address, mapped or not. */
export const contains = (network: Network, address: Address): boolean =>
  network.family === address.family &&
  compareWords(network.first, address.words) <= 0 &&
  compareWords(address.words, network.last) <= 0

/** True when every address of `inner` lies in `outer`. */
export const networkWithin = (inner: Network, outer: Network): boolean =>
  inner.family === outer.family &&
  inner.prefix >= outer.prefix &&
  compareWords(outer.first, inner.first) <= 0 &&
  compareWords(inner.last, outer.last) <= 0

/** True when the network holds every address of its family (0.0.0.0/0 or ::/0). */
export const coversAll = (network: Network): boolean => network.prefix === 0

/** Sorted and disjoint: a CIDR block lies within the one kept before it or after it, never across. */
const disjoint = (networks: readonly Network[]): readonly Network[] => {
  const sorted = [...networks].sort((a, b) => compareWords(a.first, b.first) || a.prefix - b.prefix)
  const kept: Network[] = []
  for (const network of sorted) {
    const before = kept.at(-1)
    if (before === undefined || compareWords(network.first, before.last) > 0) kept.push(network)
  }
  return kept
}

const searchV4 = (networks: readonly Network[]): ((words: Words) => boolean) => {
  const firsts = Uint32Array.from(networks, (network) => network.first[3])
  const lasts = Uint32Array.from(networks, (network) => network.last[3])
  return (words) => {
    const word = words[3]
    let low = 0
    let high = firsts.length
    while (low < high) {
      const at = (low + high) >>> 1
      if ((firsts[at] as number) <= word) low = at + 1
      else high = at
    }
    return low > 0 && word <= (lasts[low - 1] as number)
  }
}

/** The first 96 bits of an address as two numbers of 48, which a double holds exactly: most comparisons end at the first. */
const upper = (words: Words): number => words[0] * 0x10000 + (words[1] >>> 16)
const middle = (words: Words): number => (words[1] & 0xffff) * 0x100000000 + words[2]

const searchV6 = (networks: readonly Network[]): ((words: Words) => boolean) => {
  const uppers = Float64Array.from(networks, (network) => upper(network.first))
  const middles = Float64Array.from(networks, (network) => middle(network.first))
  const lowers = Float64Array.from(networks, (network) => network.first[3])
  const lasts = networks.map((network) => network.last)
  return (words) => {
    const [a, b, c] = [upper(words), middle(words), words[3]]
    let low = 0
    let high = uppers.length
    while (low < high) {
      const at = (low + high) >>> 1
      const order = (uppers[at] as number) - a || (middles[at] as number) - b || (lowers[at] as number) - c
      if (order <= 0) low = at + 1
      else high = at
    }
    return low > 0 && compareWords(words, lasts[low - 1] as Words) <= 0
  }
}

/** A set that answers in logarithmic time (13 comparisons in 5,000 networks). Nested and repeated networks cost nothing. */
export const createNetworkSet = (networks: readonly Network[]): NetworkSet => {
  const inV4 = searchV4(disjoint(networks.filter((network) => network.family === 4)))
  const inV6 = searchV6(disjoint(networks.filter((network) => network.family === 6)))
  return { has: (address) => (address.family === 4 ? inV4(address.words) : inV6(address.words)) }
}
