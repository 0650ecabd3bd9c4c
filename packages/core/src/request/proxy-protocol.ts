import { addressOf, parseAddress, type Address } from '../lib/address.ts'
import { crc32c } from './crc32c.ts'

/**
 * `incomplete`: more bytes are needed, and at most `PROXY_HEADER_LONGEST` in all. `source` null: the proxy speaks for itself (LOCAL,
 * UNKNOWN, UNSPEC, a local socket); the socket's own peer counts. Bytes from `consumed` on belong to the connection.
 */
export type ProxyHeader =
  | { readonly status: 'incomplete' }
  | { readonly status: 'invalid'; readonly why: string }
  | { readonly status: 'ok'; readonly consumed: number; readonly source: Address | null }

/** 16 bytes and what 16 bits of length can announce. A version 1 header ends within 107 bytes. */
export const PROXY_HEADER_LONGEST = 16 + 65_535
const V1_LONGEST = 107
const V1_PREFIX = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20]
const V2_SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
const V2_HEADER = 16
const CR = 0x0d
const LF = 0x0a

const INCOMPLETE: ProxyHeader = { status: 'incomplete' }
const invalid = (why: string): ProxyHeader => ({ status: 'invalid', why })
const ok = (consumed: number, source: Address | null): ProxyHeader => ({ status: 'ok', consumed, source })

/** True when the bytes agree with the beginning as far as both go. */
const agrees = (bytes: Uint8Array, beginning: readonly number[]): boolean =>
  beginning.every((octet, i) => i >= bytes.length || bytes[i] === octet)

const PORT = /^(?:0|[1-9][0-9]{0,4})$/
const isPort = (text: string | undefined): boolean => text !== undefined && PORT.test(text) && Number(text) <= 65_535

/** TCP4 takes dotted addresses, TCP6 groups of hex digits only; a mapped address in hex counts as IPv4, as everywhere. */
const readAddress = (text: string, six: boolean): Address | null => {
  if (text.includes(':') !== six || (six && text.includes('.'))) return null
  return parseAddress(text)
}

const readV1Line = (line: string, consumed: number): ProxyHeader => {
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) return ok(consumed, null)
  const words = line.split(' ')
  const six = words[0] === 'TCP6'
  if (words.length !== 5 || !(six || words[0] === 'TCP4')) return invalid('not the words of a version 1 header')
  const source = readAddress(words[1] as string, six)
  const destination = readAddress(words[2] as string, six)
  if (source === null || destination === null) return invalid('an address is not in canonical form')
  return isPort(words[3]) && isPort(words[4]) ? ok(consumed, source) : invalid('a port is not a number from 0 to 65535')
}

/** Waits for CR LF, never beyond 107 bytes; a CR or LF alone ends nothing. */
const readV1 = (bytes: Uint8Array): ProxyHeader => {
  const end = Math.min(bytes.length, V1_LONGEST)
  let line = ''
  for (let i = V1_PREFIX.length; i < end; i++) {
    const octet = bytes[i] as number
    if (octet === CR && i + 1 < end) return bytes[i + 1] === LF ? readV1Line(line, i + 2) : invalid('a CR stands alone')
    if (octet === LF) return invalid('an LF stands alone')
    if (octet !== CR) line += String.fromCharCode(octet)
  }
  return bytes.length < V1_LONGEST ? INCOMPLETE : invalid('no end of line within 107 bytes')
}

interface Family {
  /** Bytes of both addresses and ports. */
  readonly size: number
  readonly source: (view: DataView) => Address | null
}

const word = (view: DataView, at: number): number => view.getUint32(V2_HEADER + at)

const FAMILIES: ReadonlyMap<number, Family> = new Map<number, Family>([
  // UNSPEC: "the receiver should ignore address information".
  [0x00, { size: 0, source: () => null }],
  [0x11, { size: 12, source: (view) => addressOf([0, 0, 0xffff, word(view, 0)]) }],
  [0x21, { size: 36, source: (view) => addressOf([word(view, 0), word(view, 4), word(view, 8), word(view, 12)]) }],
  [0x31, { size: 216, source: () => null }],
])

const TLV_HEADER = 3
const CRC32C_TYPE = 0x03

/** Where the checksum's value stands, 0 when there is none; -1 when TLVs do not fit or the checksum is no single 4 bytes. */
const findChecksum = (view: DataView, from: number): number => {
  let checksum = 0
  let at = from
  while (at < view.byteLength) {
    if (at + TLV_HEADER > view.byteLength) return -1
    const length = view.getUint16(at + 1)
    if (view.getUint8(at) === CRC32C_TYPE) {
      if (checksum !== 0 || length !== 4) return -1
      checksum = at + TLV_HEADER
    }
    at += TLV_HEADER + length
  }
  return at > view.byteLength ? -1 : checksum
}

const checkExtensions = (header: Uint8Array, view: DataView, from: number): string | null => {
  const at = findChecksum(view, from)
  if (at < 0) return 'the extensions are not well formed'
  return at === 0 || crc32c(header, at) === view.getUint32(at) ? null : 'the checksum does not match'
}

const readProxied = (header: Uint8Array, view: DataView): ProxyHeader => {
  const family = FAMILIES.get(view.getUint8(13))
  if (family === undefined) return invalid('not a stream over IPv4, IPv6 or a local socket')
  // Without a family there is no telling addresses from extensions.
  const from = V2_HEADER + family.size
  if (from > header.length) return invalid('too short for its addresses')
  const fault = family.size === 0 ? null : checkExtensions(header, view, from)
  return fault === null ? ok(header.length, family.source(view)) : invalid(fault)
}

const readV2 = (bytes: Uint8Array): ProxyHeader => {
  const command = bytes[12]
  if (command !== undefined && command !== 0x20 && command !== 0x21) return invalid('not version 2, LOCAL or PROXY')
  if (bytes.length < V2_HEADER) return INCOMPLETE
  const length = V2_HEADER + (bytes[14] as number) * 256 + (bytes[15] as number)
  if (bytes.length < length) return INCOMPLETE
  if (command === 0x20) return ok(length, null)
  const header = bytes.subarray(0, length)
  return readProxied(header, new DataView(header.buffer, header.byteOffset, header.byteLength))
}

/**
 * Reads the header of the PROXY protocol, version 1 or 2, at the beginning of a connection (HAProxy's specification). Total: never
 * throws, never guesses; a listener configured for it closes the connection on `invalid`, and may only ask for listed peers.
 * Datagram families are refused: HTTP/1.1 is not spoken over them. Extensions (TLV) are bounded and their checksum is verified;
 * what else they say is not used.
 */
export const parseProxyHeader = (bytes: Uint8Array): ProxyHeader => {
  if (agrees(bytes, V2_SIGNATURE)) return readV2(bytes)
  if (!agrees(bytes, V1_PREFIX)) return invalid('no signature of the PROXY protocol')
  return readV1(bytes)
}
