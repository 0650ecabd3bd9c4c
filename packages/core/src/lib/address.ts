/** Four unsigned 32-bit words, most significant first. An IPv4 address stands in its mapped place: 0, 0, 0xffff, address. */
export type Words = readonly [number, number, number, number]

/** An IP address. `text` is canonical: dotted for IPv4, RFC 5952 for IPv6; equal addresses have equal text. */
export interface Address {
  readonly family: 4 | 6
  readonly words: Words
  readonly text: string
}

const LONGEST = 45
const ZEROS = [0, 0, 0, 0, 0, 0, 0, 0]

/** The value of one to three decimal digits in `text[from, to)`, at most 255 and without a leading zero, or -1. */
const readOctet = (text: string, from: number, to: number): number => {
  // Some readers take a leading zero for octal (CVE-2021-28918), others for decimal: it means nothing here.
  if (to === from || to - from > 3 || (to - from > 1 && text.charCodeAt(from) === 48)) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value > 255 ? -1 : value
}

/** The 32-bit number of four dotted decimal octets, or -1. */
const readDotted = (text: string): number => {
  let word = 0
  let from = 0
  for (let octets = 0; octets < 4; octets++) {
    const dot = text.indexOf('.', from)
    const to = dot < 0 ? text.length : dot
    const octet = readOctet(text, from, to)
    const isLast = dot < 0
    if (octet < 0 || isLast !== (octets === 3)) return -1
    word = word * 256 + octet
    from = to + 1
  }
  return word
}

const hexDigit = (c: number): number => {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** The value of one to four hex digits in `text[from, to)`, or -1. */
const readGroup = (text: string, from: number, to: number): number => {
  if (to === from || to - from > 4) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = hexDigit(text.charCodeAt(i))
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** Appends the groups that begin at `from`: one of hex digits, or two of a dotted tail. False when malformed. */
const pushGroup = (groups: number[], text: string, from: number): boolean => {
  const colon = text.indexOf(':', from)
  if (colon < 0 && text.indexOf('.', from) > 0) {
    const dotted = readDotted(text.slice(from))
    groups.push(dotted >>> 16, dotted & 0xffff)
    return dotted >= 0
  }
  const group = readGroup(text, from, colon < 0 ? text.length : colon)
  groups.push(group)
  return group >= 0
}

/** The groups as written, and how many stand before the `::` (-1 without one); null when malformed. */
const readWritten = (text: string): { readonly groups: number[]; readonly gap: number } | null => {
  const groups: number[] = []
  let gap = text.startsWith('::') ? 0 : -1
  let at = gap < 0 ? 0 : 2
  while (at < text.length) {
    if (!pushGroup(groups, text, at)) return null
    const colon = text.indexOf(':', at)
    if (colon < 0) break
    at = colon + 1
    if (at === text.length) return null
    if (text[at] !== ':') continue
    if (gap >= 0) return null
    gap = groups.length
    at++
  }
  return { groups, gap }
}

const readGroups = (text: string): readonly number[] | null => {
  const written = readWritten(text)
  if (written === null) return null
  const { groups, gap } = written
  if (gap < 0) return groups.length === 8 ? groups : null
  // `::` stands for at least one group: eight written groups and a `::` is refused, as inet_pton does.
  if (groups.length > 7) return null
  groups.splice(gap, 0, ...ZEROS.slice(groups.length))
  return groups
}

const dottedText = (word: number): string => `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`

/** Where the longest run of two or more zero groups begins and how long it is; the first of equals (RFC 5952 section 4.2). */
const longestZeros = (groups: readonly number[]): { readonly at: number; readonly length: number } => {
  let best = { at: -1, length: 1 }
  let at = 0
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue
    if (i - at > best.length) best = { at, length: i - at }
    at = i + 1
  }
  return best
}

const hexText = (words: Words): string => {
  const groups = [
    words[0] >>> 16,
    words[0] & 0xffff,
    words[1] >>> 16,
    words[1] & 0xffff,
    words[2] >>> 16,
    words[2] & 0xffff,
    words[3] >>> 16,
    words[3] & 0xffff,
  ]
  const zeros = longestZeros(groups)
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (i === zeros.at) {
      text += '::'
      i += zeros.length - 1
    } else {
      text += text === '' || text.endsWith(':') ? (groups[i] as number).toString(16) : `:${(groups[i] as number).toString(16)}`
    }
  }
  return text
}

/** The address of these words: in the IPv4-mapped block (::ffff:0:0/96) an IPv4 address, elsewhere IPv6. */
export const addressOf = (words: Words): Address => {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return { family: 4, words, text: dottedText(words[3]) }
  return { family: 6, words, text: hexText(words) }
}

/**
 * Reads an IP address strictly: what inet_pton accepts and nothing else. Refused (null): leading zeros, fewer than four
 * octets, plain numbers, ports, brackets, spaces, zone ids. An IPv4-mapped IPv6 address comes back as IPv4, so that a
 * comparison cannot be evaded by spelling. Never throws. Does not say whether the address is reachable, public or assigned.
 */
export const parseAddress = (text: string): Address | null => {
  if (text.length > LONGEST) return null
  if (!text.includes(':')) {
    const word = readDotted(text)
    return word < 0 ? null : { family: 4, words: [0, 0, 0xffff, word], text }
  }
  const groups = readGroups(text)
  if (groups === null) return null
  const word = (i: number): number => (groups[i] as number) * 65536 + (groups[i + 1] as number)
  return addressOf([word(0), word(2), word(4), word(6)])
}
