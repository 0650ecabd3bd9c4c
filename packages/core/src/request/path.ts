import { attempt } from '../lib/attempt.ts'
import { TOLERANCES, type PathFact, type Tolerance } from '../model/access-request.ts'
import { REQUEST_LIMITS } from './limits.ts'
import type { RequestReasonCode } from './reasons.ts'

/** A path in its only spelling. */
export interface CanonicalPath {
  readonly fact: PathFact
  /** Path as it is forwarded: hex digits in upper case, `-`, `_` and `~` never encoded. */
  readonly text: string
  readonly needs: readonly Tolerance[]
}

interface Segment {
  readonly text: string
  readonly decoded: string
  readonly needs: readonly Tolerance[]
}

const NONE: readonly Tolerance[] = []

/** What a path of literal characters does not hold: other than RFC 3986 pchar, and `[ ] |`, which browsers leave as they are. */
const SPELLED = /[^\w.~!$&'()*+,=:@|[\]/-]/
const UNFIT = /[^\w.~!$&'()*+,;=:@|[\]%/-]/
const ESCAPE = /%([0-9A-Fa-f]{2})/g
const HAS_ESCAPE = /%[0-9A-Fa-f]{2}/
const MALFORMED = /%(?![0-9A-Fa-f]{2})/
/** C0, DEL, C1, and the line and paragraph separators. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/** White space of any script, and what is drawn as nothing: zero-width space, non-joiner, joiner, word joiner, BOM. */
const EDGE_SPACE = /^[\s\u180e\u200b-\u200d\u2060]|[\s\u180e\u200b-\u200d\u2060]$/
/** What some upstream takes for the end of a segment's name. */
const SEPARATOR = /[/\\;?#]/
/** `.` and `..`, also with the dots and spaces that Windows drops from the end of a name. */
const DOT_NAME = /^\s*\.{1,2}(?:\s[\s.]*)?$/

/** Why an escaped octet is refused; null: it is data, or a tolerance. */
const octetCode = (octet: number): RequestReasonCode | null => {
  if (octet < 0x20 || octet === 0x7f) return 'request.control_character'
  if (octet === 0x5c) return 'request.backslash'
  if (octet === 0x2e) return 'request.dot_segment'
  // RFC 3986 section 2.3: no producer escapes a letter or a digit. Who does so hides a name from somebody.
  const lower = octet | 0x20
  if ((octet >= 0x30 && octet <= 0x39) || (lower >= 0x61 && lower <= 0x7a)) return 'request.disguised_encoding'
  return null
}

const octetTolerance = (octet: number): Tolerance | null => {
  if (octet === 0x2f) return 'encoded-slash'
  if (octet === 0x3b) return 'semicolon'
  return octet === 0x3f || octet === 0x23 ? 'encoded-delimiter' : null
}

/** `-`, `_` and `~` are the same with and without escape (RFC 3986 section 6.2.2.2), and old encoders do escape them. */
const canonicalEscape = (escape: string): string => {
  const upper = escape.toUpperCase()
  if (upper === '%2D') return '-'
  if (upper === '%5F') return '_'
  return upper === '%7E' ? '~' : upper
}

const firstOctetCode = (text: string): RequestReasonCode | null => {
  for (const [, hex] of text.matchAll(ESCAPE)) {
    const code = octetCode(Number.parseInt(hex as string, 16))
    if (code !== null) return code
  }
  return null
}

const tolerancesOf = (text: string): readonly Tolerance[] => {
  const found: Tolerance[] = text.includes(';') ? ['semicolon'] : []
  for (const [, hex] of text.matchAll(ESCAPE)) {
    const tolerance = octetTolerance(Number.parseInt(hex as string, 16))
    if (tolerance !== null) found.push(tolerance)
  }
  return found
}

/** Decodes once; text whose escapes are not valid UTF-8 (overlong, surrogates, cut short) gives null. */
const decode = (text: string): string | null => {
  // A % that begins no escape is literal in text that was decoded before.
  const decoded = attempt(() => decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25')))
  return decoded.ok ? decoded.value : null
}

/** Checks what a decoded segment would be to a reader that decodes again, and gives what the last of them sees. */
const decodeOn = (decoded: string): { readonly last: string } | RequestReasonCode => {
  let last = decoded
  for (let times = 1; HAS_ESCAPE.test(last); times++) {
    const code = times < REQUEST_LIMITS.encodings ? firstOctetCode(last) : 'request.disguised_encoding'
    if (code !== null) return code
    const next = decode(last)
    if (next === null) return 'request.invalid_utf8'
    last = next
  }
  return { last }
}

/** A segment that some upstream resolves: a dot segment, alone or next to anything that may end a name. */
const resolvesSomewhere = (name: string): boolean => {
  // Compatibility forms of the dot (U+FF0E, U+2024, U+2025) become dots where an upstream folds them.
  const pieces = name.normalize('NFKC').split(SEPARATOR)
  return pieces.some((piece) => DOT_NAME.test(piece))
}

const checkName = (decoded: string): RequestReasonCode | null => {
  if (CONTROL.test(decoded)) return 'request.control_character'
  if (EDGE_SPACE.test(decoded)) return 'request.space_at_edge'
  // A segment that begins with its parameters is empty to an upstream that strips them.
  return decoded.startsWith(';') ? 'request.empty_segment' : null
}

const readSegment = (raw: string): Segment | RequestReasonCode => {
  const code = firstOctetCode(raw)
  if (code !== null) return code
  const decoded = decode(raw)
  if (decoded === null) return 'request.invalid_utf8'
  const seen = decodeOn(decoded)
  if (typeof seen === 'string') return seen
  if (resolvesSomewhere(seen.last)) return 'request.dot_segment'
  const nested = seen.last !== decoded
  const fault = checkName(decoded) ?? (nested ? checkName(seen.last) : null)
  if (fault !== null) return fault
  const needs = tolerancesOf(raw)
  return { text: raw.replace(ESCAPE, canonicalEscape), decoded, needs: nested ? [...needs, 'double-encoding'] : needs }
}

const unfitCode = (path: string): RequestReasonCode | null => {
  const unfit = UNFIT.exec(path)?.[0]
  if (unfit === '#') return 'request.fragment'
  if (unfit === '\\') return 'request.backslash'
  if (unfit !== undefined) return 'request.path_characters'
  return MALFORMED.test(path) ? 'request.malformed_encoding' : null
}

const readPlain = (path: string): CanonicalPath | RequestReasonCode => {
  const trailingSlash = path.length > 1 && path.endsWith('/')
  const segments = path === '/' ? [] : (trailingSlash ? path.slice(1, -1) : path.slice(1)).split('/')
  if (path.includes('//')) return 'request.empty_segment'
  if (path.includes('/.') && segments.some((segment) => segment === '.' || segment === '..')) return 'request.dot_segment'
  return { fact: { segments, trailingSlash }, text: path, needs: NONE }
}

const readSpelled = (path: string): CanonicalPath | RequestReasonCode => {
  const fault = unfitCode(path)
  if (fault !== null) return fault
  const raws = path.slice(1).split('/')
  const trailingSlash = raws.at(-1) === ''
  if (trailingSlash) raws.pop()
  const segments: string[] = []
  const found = new Set<Tolerance>()
  let text = ''
  for (const raw of raws) {
    const segment = raw === '' ? 'request.empty_segment' : readSegment(raw)
    if (typeof segment === 'string') return segment
    segments.push(segment.decoded)
    text += `/${segment.text}`
    for (const need of segment.needs) found.add(need)
  }
  const needs = TOLERANCES.filter((tolerance) => found.has(tolerance))
  return { fact: { segments, trailingSlash }, text: trailingSlash ? `${text}/` : text, needs }
}

/**
 * Reads the path of an origin-form target (it begins with `/`, ends before `?`; one character a byte). What upstreams are
 * known to read differently is refused or recorded in `needs`; nothing is resolved, merged or cut. Segments are decoded once.
 */
export const parsePath = (path: string): CanonicalPath | RequestReasonCode =>
  SPELLED.test(path) ? readSpelled(path) : readPlain(path)
