import { foldName, isToken, trimSpace } from '../lib/http-token.ts'
import type { HeaderLine } from '../model/access-request.ts'
import type { HeaderFact } from '../model/fact.ts'
import { LOWER_NAMES, SINGLE_FIELDS } from './field-table.ts'
import { REQUEST_LIMITS } from './limits.ts'
import type { RequestReasonCode } from './reasons.ts'

export interface Fields {
  readonly lines: readonly HeaderLine[]
  readonly byName: HeaderFact
}

interface Draft {
  readonly lines: HeaderLine[]
  readonly byName: Map<string, string[]>
  /** Some name holds other characters than letters, digits and hyphens. */
  unusual: boolean
}

/** Two names of these characters fold alike only if they are equal but for case. */
const PLAIN_NAME = /^[0-9A-Za-z-]+$/
/** RFC 9110 section 5.5 in Latin-1: HTAB, SP, VCHAR, obs-text. */
const CONTENT = /^[\t\u0020-\u007e\u0080-\u00ff]*$/

/** The name in lower case; null when it is no token, so also with a space before or after it. */
const readName = (name: string, draft: Draft): string | null => {
  const known = LOWER_NAMES.get(name)
  if (known !== undefined) return known
  if (!PLAIN_NAME.test(name)) {
    if (!isToken(name)) return null
    draft.unusual = true
  }
  return name.toLowerCase()
}

const addLine = (name: string, raw: string, draft: Draft): RequestReasonCode | null => {
  const lower = readName(name, draft)
  if (lower === null || !CONTENT.test(raw)) return 'request.field'
  const value = trimSpace(raw)
  draft.lines.push([name, value])
  const values = draft.byName.get(lower)
  if (values === undefined) draft.byName.set(lower, [value])
  else if (SINGLE_FIELDS.has(lower)) return lower === 'host' ? 'request.host' : 'request.duplicate_field'
  else values.push(value)
  return null
}

/** True when a reader that folds punctuation takes two differently spelled names for one. */
const hasAlias = ({ byName }: Draft): boolean => new Set([...byName.keys()].map(foldName)).size < byName.size

/** Bytes of the header section: each line with `: ` and its end. */
const weigh = (raw: readonly string[]): number => {
  let bytes = 0
  for (const part of raw) bytes += part.length + 2
  return bytes
}

/**
 * Reads Node's alternating list. All of it is counted, so that nothing is decided on a cut view (CVE-2026-58044). Refused: names
 * that are no token, values with control characters (so also folded lines), names that differ only in punctuation.
 */
export const readFields = (raw: readonly string[]): Fields | RequestReasonCode => {
  const tooLarge = raw.length > 2 * REQUEST_LIMITS.headers || weigh(raw) > REQUEST_LIMITS.headerBytes
  if (tooLarge) return 'request.headers_too_large'
  if (raw.length % 2 !== 0) return 'request.field'
  const draft: Draft = { lines: [], byName: new Map(), unusual: false }
  for (let i = 0; i < raw.length; i += 2) {
    const code = addLine(raw[i] as string, raw[i + 1] as string, draft)
    if (code !== null) return code
  }
  return draft.unusual && hasAlias(draft) ? 'request.field_alias' : draft
}
