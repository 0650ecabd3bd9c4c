import { foldName, isFieldValue, isToken } from '../lib/http-token.ts'
import type { HeaderFact } from '../model/fact.ts'
import type { HeaderLine } from '../model/access-request.ts'
import { SINGLE_FIELDS } from './field-table.ts'
import { REQUEST_LIMITS } from './limits.ts'
import type { RequestReasonCode } from './reasons.ts'

export interface Fields {
  readonly lines: readonly HeaderLine[]
  readonly byName: HeaderFact
}

/** Names of letters, digits and hyphens: two of them fold alike only if they are equal but for case. */
const PLAIN_NAME = /^[0-9A-Za-z-]+$/
const EDGE_SPACE = /^[\t ]+|[\t ]+$/g

const isEdge = (c: number): boolean => c === 0x20 || c === 0x09

/** The value without OWS, which is no part of it (RFC 9110 section 5.5); null when it is no field value. */
const readValue = (raw: string): string | null => {
  const edged = isEdge(raw.charCodeAt(0)) || isEdge(raw.charCodeAt(raw.length - 1))
  const value = edged ? raw.replace(EDGE_SPACE, '') : raw
  return isFieldValue(value) ? value : null
}

/** True when two names are spelled differently and a reader that folds punctuation takes them for one. */
const hasAlias = (names: Iterable<string>): boolean => {
  const folded = new Set<string>()
  let count = 0
  for (const name of names) {
    folded.add(foldName(name))
    count++
  }
  return folded.size < count
}

/** Adds a line; the code when a field that stands once stands twice. */
const add = (byName: Map<string, string[]>, name: string, value: string): RequestReasonCode | null => {
  const values = byName.get(name)
  if (values === undefined) byName.set(name, [value])
  else if (SINGLE_FIELDS.has(name)) return name === 'host' ? 'request.host' : 'request.duplicate_field'
  else values.push(value)
  return null
}

/**
 * Reads Node's alternating list. Every line is counted and checked against the raw list, so that nothing is decided on a cut
 * view (CVE-2026-58044). Refused: names that are no token (so also with spaces round them), values with control characters.
 */
export const readFields = (raw: readonly string[]): Fields | RequestReasonCode => {
  if (raw.length > 2 * REQUEST_LIMITS.headers) return 'request.headers_too_large'
  if (raw.length % 2 !== 0) return 'request.field'
  const lines: HeaderLine[] = []
  const byName = new Map<string, string[]>()
  let bytes = 0
  let plain = true
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    bytes += name.length + (raw[i + 1] as string).length + 4
    if (bytes > REQUEST_LIMITS.headerBytes) return 'request.headers_too_large'
    const isPlain = PLAIN_NAME.test(name)
    const value = isPlain || isToken(name) ? readValue(raw[i + 1] as string) : null
    if (value === null) return 'request.field'
    plain &&= isPlain
    lines.push([name, value])
    const code = add(byName, name.toLowerCase(), value)
    if (code !== null) return code
  }
  return plain || !hasAlias(byName.keys()) ? { lines, byName } : 'request.field_alias'
}
