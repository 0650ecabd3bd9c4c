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

const encodeValue = (value: unknown, depth: number): string => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value === 0 ? 0 : value) : 'null'
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value !== 'object') return 'null'
  if (depth >= MAX_DEPTH) return '"\u2026"'
  return Array.isArray(value) ? `[${value.map((item) => encodeValue(item, depth + 1)).join(',')}]` : encodeObject(value, depth)
}

/**
 * JSON in printable ASCII: keys and numbers as RFC 8785 orders and writes them, everything beyond ASCII escaped. Total: what
 * JSON has no form for becomes null or, beyond 32 levels, an ellipsis.
 */
export const encodeJson = (value: unknown): string => escapeBeyondAscii(encodeValue(value, 0))

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Own keys in ascending order and none that an engine would move to the front, as it does with integers. */
const hasOrderedKeys = (value: Readonly<Record<string, Json>>): boolean => {
  let last = ''
  for (const key of Object.keys(value)) {
    if (key < last || isDigit(key.charCodeAt(0)) || !isOrdered(value[key] as Json)) return false
    last = key
  }
  return true
}

/** True when JSON.stringify writes this value as encodeJson would, apart from escapes. */
const isOrdered = (value: Json): boolean => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  return Array.isArray(value) ? value.every(isOrdered) : hasOrderedKeys(value as Readonly<Record<string, Json>>)
}

const orderWho = (who: WhoRecord) => ({
  actingFor: who.actingFor,
  credential: who.credential,
  credentialHash: who.credentialHash,
  credentialId: who.credentialId,
  factors: who.factors.map(({ age, level }) => ({ age, level })),
  kind: who.kind,
  provider: who.provider,
  subject: who.subject,
})

const isPlainDecision = (r: DecisionRecord): boolean =>
  hasOrderedKeys(r.facts) &&
  hasOrderedKeys(r.verdicts) &&
  (r.remedy === null || isOrdered(r.remedy as unknown as Json)) &&
  (r.shadow === null || isOrdered(r.shadow as unknown as Json))

/** Literals in key order: JSON.stringify of one object is three times as fast as any concatenation. */
const stringifyDecision = (r: DecisionRecord, seq: number): string =>
  JSON.stringify({
    at: r.at,
    class: r.class,
    client: r.client,
    digest: r.digest === null ? null : { data: r.digest.data, policy: r.digest.policy },
    exceptions: r.exceptions,
    facts: r.facts,
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
    remedy: r.remedy,
    rule: r.rule,
    seq,
    service: r.service,
    shadow: r.shadow,
    verdicts: r.verdicts,
    who: r.who === null ? null : orderWho(r.who),
  })

const stringifyCompletion = (r: CompletionRecord, seq: number): string => {
  const { at, duration, end, id, kind, received, sent, status } = r
  return JSON.stringify({ at, duration, end, id, kind, received, sent, seq, status })
}

const stringify = (record: LogRecord, seq: number): string => {
  if (record.kind === 'decision' && isPlainDecision(record)) return stringifyDecision(record, seq)
  if (record.kind === 'completion') return stringifyCompletion(record, seq)
  return encodeValue({ ...record, seq }, 0)
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
