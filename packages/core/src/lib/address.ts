/** Four unsigned 32-bit words, most significant first. An IPv4 address stands in its mapped place: 0, 0, 0xffff, address. */
export type Words = readonly [number, number, number, number]

/** An IP address. `text` is canonical: dotted for IPv4, RFC 5952 for IPv6; equal addresses have equal text. */
export interface Address {
  readonly family: 4 | 6
  readonly words: Words
  readonly text: string
}

const LONGEST = 45

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
    // Only the last octet ends where the text does.
    if (octet < 0 || dot < 0 !== (octets === 3)) return -1
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

/** The groups of a run without `::`, appended to `groups`; a dotted tail counts as two. False when malformed. */
const readRun = (run: string, groups: number[], dottedTail: boolean): boolean => {
  if (run === '') return true
  const parts = run.split(':')
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string
    if (dottedTail && i === parts.length - 1 && part.includes('.')) {
      const dotted = readDotted(part)
      if (dotted < 0) return false
      groups.push(Math.floor(dotted / 65536), dotted % 65536)
    } else {
      const group = readGroup(part, 0, part.length)
      if (group < 0) return false
      groups.push(group)
    }
  }
  return true
}

const readGroups = (text: string): number[] | null => {
  const gap = text.indexOf('::')
  const head: number[] = []
  if (gap < 0) return readRun(text, head, true) && head.length === 8 ? head : null
  const rest = text.slice(gap + 2)
  if (rest.includes('::') || rest.startsWith(':')) return null
  const tail: number[] = []
  if (!readRun(text.slice(0, gap), head, false) || !readRun(rest, tail, true)) return null
  const missing = 8 - head.length - tail.length
  // `::` stands for at least one group: eight written groups and a `::` is refused, as inet_pton does.
  if (missing < 1) return null
  for (let i = 0; i < missing; i++) head.push(0)
  return head.concat(tail)
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

const hexText = (groups: readonly number[]): string => {
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  const zeros = longestZeros(groups)
  if (zeros.at < 0) return hex(groups)
  return `${hex(groups.slice(0, zeros.at))}::${hex(groups.slice(zeros.at + zeros.length))}`
}

/** The address of these words: in the IPv4-mapped block (::ffff:0:0/96) an IPv4 address, elsewhere IPv6. */
export const addressOf = (words: Words): Address => {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return { family: 4, words, text: dottedText(words[3]) }
  return { family: 6, words, text: hexText(words.flatMap((word) => [word >>> 16, word & 0xffff])) }
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
  if (text[0] === ':' && text[1] !== ':') return null
  const groups = readGroups(text)
  if (groups === null) return null
  const word = (i: number): number => (groups[i] as number) * 65536 + (groups[i + 1] as number)
  return addressOf([word(0), word(2), word(4), word(6)])
}
