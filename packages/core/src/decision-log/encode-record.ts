import type { CompletionRecord, DecisionRecord, Json, LogRecord, WhoRecord } from '../model/log-record.ts'
import { shrinkRecord } from './shrink-record.ts'

/** The longest line of a segment in bytes, its newline not counted. Longer records are cut and say so in `truncated`. */
export const MAX_LINE = 32_768

const MAX_DEPTH = 32

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * What JSON.stringify leaves as it is beyond printable ASCII: DEL, C1 controls, U+2028, bidirectional overrides and all other
 * text, so that no value of a client can move a cursor, reorder a line or pass for another in a terminal.
 */
const escapeBeyondAscii = (text: string): string =>
  Buffer.byteLength(text) === text.length && !text.includes('\u007f') ? text : text.replace(/[\u007f-\uffff]/g, escapeUnit)

const encodeObject = (value: object, depth: number): string => {
  const members = value as Readonly<Record<string, unknown>>
  const pairs = Object.keys(members)
    .sort()
    .filter((key) => members[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${encodeValue(members[key], depth + 1)}`)
  return `{${pairs.join(',')}}`
}

const encodeNumber = (value: number): string => (Number.isFinite(value) ? String(value === 0 ? 0 : value) : 'null')

const encodeNested = (value: object, depth: number): string => {
  if (depth >= MAX_DEPTH) return '"\u2026"'
  return Array.isArray(value) ? `[${value.map((item) => encodeValue(item, depth + 1)).join(',')}]` : encodeObject(value, depth)
}

const encodeValue = (value: unknown, depth: number): string => {
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'bigint') return `"${value}"`
  return typeof value === 'object' && value !== null ? encodeNested(value, depth) : 'null'
}

/**
 * JSON in printable ASCII: keys and numbers as RFC 8785 orders and writes them, everything beyond ASCII escaped. Total: what
 * JSON has no form for becomes null or, beyond 32 levels, an ellipsis.
 */
export const encodeJson = (value: unknown): string => escapeBeyondAscii(encodeValue(value, 0))

/** Keys that JavaScript would move to the front (integers) or take for something else. */
const isAwkward = (key: string): boolean => key === '__proto__' || (key.charCodeAt(0) >= 48 && key.charCodeAt(0) <= 57)

/** Keys of `value` in order, and all below; without a copy, which is what ordering costs. */
const isOrdered = (value: Json, depth: number): boolean => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value !== 'object') return typeof value === 'number' && Number.isFinite(value)
  if (depth > MAX_DEPTH / 2) return false
  return Array.isArray(value)
    ? isOrderedArray(value, depth + 1)
    : isOrderedObject(value as Readonly<Record<string, Json>>, depth + 1)
}

const isOrderedArray = (items: readonly Json[], depth: number): boolean => {
  for (const item of items) if (!isOrdered(item, depth)) return false
  return true
}

const isOrderedObject = (value: Readonly<Record<string, Json>>, depth: number): boolean => {
  let before = ''
  for (const key of Object.keys(value)) {
    if (key <= before || isAwkward(key) || !isOrdered(value[key] as Json, depth)) return false
    before = key
  }
  return true
}

const orderArray = (items: readonly Json[], depth: number): readonly Json[] | undefined => {
  const ordered: Json[] = []
  for (const item of items) {
    const member = orderKeys(item, depth)
    if (member === undefined) return undefined
    ordered.push(member)
  }
  return ordered
}

const orderObject = (value: Readonly<Record<string, Json>>, depth: number): Readonly<Record<string, Json>> | undefined => {
  const ordered: Record<string, Json> = {}
  const keys = Object.keys(value)
  if (keys.length > 1) keys.sort()
  for (const key of keys) {
    const member = isAwkward(key) ? undefined : orderKeys(value[key] as Json, depth)
    if (member === undefined) return undefined
    ordered[key] = member
  }
  return ordered
}

const orderNested = (value: object, depth: number): Json | undefined => {
  if (depth > MAX_DEPTH / 2) return undefined
  if (isOrdered(value as Json, depth)) return value as Json
  return Array.isArray(value) ? orderArray(value, depth + 1) : orderObject(value as Readonly<Record<string, Json>>, depth + 1)
}

/** A copy that JSON.stringify writes as encodeJson would, apart from escapes; undefined when there is none. */
const orderKeys = (value: Json, depth: number): Json | undefined => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'object' ? orderNested(value, depth) : undefined
}

const orderNullable = (value: object | null): Json | undefined =>
  value === null ? null : orderObject(value as Record<string, Json>, 1)

const orderWho = (who: WhoRecord) => ({
  actingFor: who.actingFor,
  credential: who.credential,
  credentialHash: who.credentialHash,
  credentialId: who.credentialId,
  factors: who.factors.map(({ age, level }) => ({ age, level })),
  kind: who.kind,
  provider: who.provider,
  subject: who.subject,
  unconfirmed: who.unconfirmed,
})

/** Literals in key order: JSON.stringify of one object is three times as fast as any concatenation. */
const stringifyDecision = (r: DecisionRecord, seq: number): string | null => {
  const facts = orderObject(r.facts, 1)
  const verdicts = orderObject(r.verdicts, 1)
  const remedy = orderNullable(r.remedy)
  const shadow = orderNullable(r.shadow)
  if (facts === undefined || verdicts === undefined || remedy === undefined || shadow === undefined) return null
  return JSON.stringify({
    at: r.at,
    class: r.class,
    client: r.client,
    digest: r.digest === null ? null : { data: r.digest.data, policy: r.digest.policy },
    exceptions: r.exceptions,
    facts,
    holds: r.holds,
    host: r.host,
    id: r.id,
    kind: r.kind,
    latency: r.latency,
    method: r.method,
    outcome: r.outcome,
    path: r.path,
    peer: r.peer,
    point: r.point,
    reasons: r.reasons.map(({ code, condition, rule }) => ({ code, condition, rule })),
    remedy,
    rule: r.rule,
    seq,
    service: r.service,
    shadow,
    verdicts,
    who: r.who === null ? null : orderWho(r.who),
  })
}

const stringifyCompletion = (r: CompletionRecord, seq: number): string => {
  const { at, duration, end, id, kind, received, sent, status } = r
  return JSON.stringify({ at, duration, end, id, kind, received, sent, seq, status })
}

const stringify = (record: LogRecord, seq: number): string => {
  if (record.kind === 'completion') return stringifyCompletion(record, seq)
  const fast = record.kind === 'decision' ? stringifyDecision(record, seq) : null
  return fast ?? encodeValue({ ...record, seq }, 0)
}

/**
 * One line of the log without its newline: the record and its sequence number in printable ASCII, at most MAX_LINE bytes, with
 * the name of every field. Same record, same bytes. Secrets are kept out before this: nothing is redacted here.
 */
export const encodeRecord = (record: LogRecord, seq: number): string => {
  const text = stringify(record, seq)
  const line = text.length > MAX_LINE ? text : escapeBeyondAscii(text)
  return line.length > MAX_LINE ? encodeJson(shrinkRecord({ ...record, seq }, encodeJson)) : line
}
