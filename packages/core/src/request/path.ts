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
const ESCAPE = /%[0-9A-Fa-f]{2}/g
const HAS_ESCAPE = /%[0-9A-Fa-f]{2}/
const MALFORMED = /%(?![0-9A-Fa-f]{2})/
const STRAY = /%(?![0-9A-Fa-f]{2})/g
/** Controls, DEL, backslash, dot, digits, letters. */
const REFUSED_ESCAPE = /%([01][0-9a-f]|7f|5c|2e|3[0-9]|[46][1-9a-f]|[57][0-9a])/i
/** An escape with a lower-case digit, or of `-`, `_`, `~`. */
const NOT_CANONICAL = /%(?:[a-f]|[0-9A-F][a-f]|2D|5F|7E)/
const NEEDED: readonly (readonly [Tolerance, RegExp])[] = [
  ['encoded-slash', /%2f/i],
  ['encoded-delimiter', /%(?:3f|23)/i],
  ['semicolon', /;|%3b/i],
]
const BEYOND_ASCII = /[^\u0000-\u007f]/
/** C0, DEL, C1, and the line and paragraph separators. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/** White space of any script, and what is drawn as nothing: zero-width space, non-joiner, joiner, word joiner, BOM. */
const EDGE_SPACE = /^[\s\u180e\u200b-\u200d\u2060]|[\s\u180e\u200b-\u200d\u2060]$/
/** What some upstream takes for the end of a segment's name. */
const SEPARATOR = /[/\\;?#]/
/** `.` and `..`, also with the dots and spaces that Windows drops from the end of a name. */
const DOT_NAME = /^\s*\.{1,2}(?:\s[\s.]*)?$/

/** Why an escaped octet is refused, where it is. RFC 3986 section 2.3: who escapes a letter hides a name from somebody. */
const octetCode = (hex: string): RequestReasonCode => {
  const octet = Number.parseInt(hex, 16)
  if (octet < 0x20 || octet === 0x7f) return 'request.control_character'
  if (octet === 0x5c) return 'request.backslash'
  return octet === 0x2e ? 'request.dot_segment' : 'request.disguised_encoding'
}

const escapeCode = (text: string): RequestReasonCode | null => {
  const found = REFUSED_ESCAPE.exec(text)
  return found === null ? null : octetCode(found[1] as string)
}

/** `-`, `_` and `~` are the same with and without escape (RFC 3986 section 6.2.2.2), and old encoders do escape them. */
const canonicalEscape = (escape: string): string => {
  const upper = escape.toUpperCase()
  if (upper === '%2D') return '-'
  if (upper === '%5F') return '_'
  return upper === '%7E' ? '~' : upper
}

const tolerancesOf = (text: string): readonly Tolerance[] =>
  NEEDED.filter(([, spelling]) => spelling.test(text)).map(([need]) => need)

/** Decodes once; text whose escapes are not valid UTF-8 (overlong, surrogates, cut short) gives null. */
const decode = (text: string): string | null => {
  const decoded = attempt(() => decodeURIComponent(text))
  return decoded.ok ? decoded.value : null
}

/** Checks what a decoded segment would be to a reader that decodes again, and gives what the last of them sees. */
const decodeOn = (decoded: string): { readonly last: string } | RequestReasonCode => {
  let last = decoded
  for (let times = 1; HAS_ESCAPE.test(last); times++) {
    const code = times < REQUEST_LIMITS.encodings ? escapeCode(last) : 'request.disguised_encoding'
    if (code !== null) return code
    // What was decoded before may hold a % that begins no escape.
    const next = decode(last.replace(STRAY, '%25'))
    if (next === null) return 'request.invalid_utf8'
    last = next
  }
  return { last }
}

const isDots = (segment: string): boolean => segment === '.' || segment === '..'

/** A segment that some upstream resolves: a dot segment, alone or next to anything that may end a name. */
const resolvesSomewhere = (name: string): boolean => {
  // Compatibility forms of the dot (U+FF0E, U+2024, U+2025) become dots where an upstream folds them.
  const folded = BEYOND_ASCII.test(name) ? name.normalize('NFKC') : name
  return folded.includes('.') && folded.split(SEPARATOR).some((piece) => DOT_NAME.test(piece))
}

const checkName = (decoded: string): RequestReasonCode | null => {
  if (CONTROL.test(decoded)) return 'request.control_character'
  if (EDGE_SPACE.test(decoded)) return 'request.space_at_edge'
  // A segment that begins with its parameters is empty to an upstream that strips them.
  return decoded.startsWith(';') ? 'request.empty_segment' : null
}

const checkSegment = (decoded: string, last: string): RequestReasonCode | null => {
  if (resolvesSomewhere(last)) return 'request.dot_segment'
  return checkName(decoded) ?? (last === decoded ? null : checkName(last))
}

const readEscaped = (raw: string): Segment | RequestReasonCode => {
  const code = escapeCode(raw)
  if (code !== null) return code
  const decoded = decode(raw)
  if (decoded === null) return 'request.invalid_utf8'
  const seen = decodeOn(decoded)
  if (typeof seen === 'string') return seen
  const fault = checkSegment(decoded, seen.last)
  if (fault !== null) return fault
  const needs = tolerancesOf(raw)
  const text = NOT_CANONICAL.test(raw) ? raw.replace(ESCAPE, canonicalEscape) : raw
  return { text, decoded, needs: seen.last === decoded ? needs : [...needs, 'double-encoding'] }
}

const readSegment = (raw: string): Segment | RequestReasonCode => {
  if (raw.includes('%') || raw.includes(';')) return readEscaped(raw)
  return isDots(raw) ? 'request.dot_segment' : { text: raw, decoded: raw, needs: NONE }
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
  if (path.includes('/.') && segments.some(isDots)) return 'request.dot_segment'
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
