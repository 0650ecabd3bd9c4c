import { parseAddress } from './address.ts'

/**
 * `host` is canonical: a lower-case name without trailing dot, a dotted IPv4 address, or an IPv6 address in brackets
 * (RFC 5952); an IPv4-mapped one is written as IPv4. `port` is null when none was given.
 */
export type ParsedHost =
  | { readonly ok: true; readonly host: string; readonly port: number | null }
  | { readonly ok: false; readonly why: string }

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const PORT = /^[1-9][0-9]{0,4}$/
const LONGEST_NAME = 253
/** The longest name, a trailing dot, a colon and five digits. */
const LONGEST = 260

const refuse = (why: string): { readonly ok: false; readonly why: string } => ({ ok: false, why })

/** True for a lower-case name of LDH labels. A last label of digits alone is an address to some readers, so it is refused. */
const isName = (name: string): boolean => {
  const labels = name.split('.')
  return (
    name.length <= LONGEST_NAME &&
    labels.every((label) => LABEL.test(label)) &&
    !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) as string)
  )
}

/** The canonical form of a host without port, or null. */
const readHost = (text: string): string | null => {
  if (text.startsWith('[')) {
    const address = text.endsWith(']') && text.includes(':') ? parseAddress(text.slice(1, -1)) : null
    if (address === null) return null
    return address.family === 6 ? `[${address.text}]` : address.text
  }
  if (parseAddress(text)?.family === 4) return text
  const lower = text.toLowerCase()
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower
  return isName(name) ? name : null
}

/** Where the colon before a port stands, or -1; a colon within brackets is none. */
const portColon = (text: string): number => text.indexOf(':', text.startsWith('[') ? text.indexOf(']') : 0)

/**
 * Reads a Host field or authority: `name`, `name:port`, an IPv4 address or a bracketed IPv6 address. Refused: nothing, user
 * info, paths, commas, spaces, percent, underscores, other non-LDH characters, anything not ASCII (international names come
 * as A-labels), labels over 63 or names over 253 characters, two trailing dots, numbers that only some readers take for an
 * address (`127.1`, `0x7f.1`), zone ids, an empty port, port 0 or beyond 65535. Never throws. The reason never quotes the text.
 */
export const parseHost = (text: string): ParsedHost => {
  if (text === '') return refuse('the host is empty')
  if (text.length > LONGEST) return refuse('the host is too long')
  // Checked before lower-casing: U+212A would become a plain k.
  if (!/^[0-9A-Za-z.:[\]-]+$/.test(text)) return refuse('the host holds a character that no host name has')
  const colon = portColon(text)
  const host = readHost(colon < 0 ? text : text.slice(0, colon))
  if (host === null) return refuse('the host is neither a name of letters, digits and hyphens nor an address')
  if (colon < 0) return { ok: true, host, port: null }
  const digits = text.slice(colon + 1)
  const port = PORT.test(digits) ? Number(digits) : 0
  return port === 0 || port > 65_535 ? refuse('the port is not a number from 1 to 65535') : { ok: true, host, port }
}
