/** A media type without its spelling: names lower-case, parameter values unquoted. `parameters` has no prototype. */
export interface MediaType {
  readonly type: string
  readonly subtype: string
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Field content: HTAB, SP, VCHAR and obs-text. */
const FIELD_CONTENT = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const EDGE_SPACE = /^[\t ]|[\t ]$/
const QUOTED_TEXT = /^[\t\u0020-\u007e\u0080-\u00ff]$/
const MAX_MEDIA_TYPE = 256
const MAX_ITEMS = 256

const isSpace = (c: number): boolean => c === 0x20 || c === 0x09

/** True for a token of RFC 9110 section 5.6.2: one or more tchar. Field names and methods are tokens. */
export const isToken = (text: string): boolean => TOKEN.test(text)

/**
 * The folded spelling of a field name: lower-case, every character but a–z and 0–9 an underscore. Names that any server
 * behind could take for one another (CGI variables, WSGI, PHP) fold alike; compare folded names when you strip a header.
 */
export const foldName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '_')

/** True for a field value of RFC 9110 section 5.5 in Latin-1: no control character but HTAB, no white space at the edges. */
export const isFieldValue = (text: string): boolean => FIELD_CONTENT.test(text) && !EDGE_SPACE.test(text)

/** The position after the quoted string that begins at `at`, or -1 when it does not end or holds a control character. */
const skipQuoted = (text: string, at: number): number => {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '"') return i + 1
    if (text[i] === '\\') i++
    if (!QUOTED_TEXT.test(text[i] ?? '')) return -1
  }
  return -1
}

/** The pieces between separators, trimmed; separators within quoted strings part nothing. Null on an open quoted string. */
const splitOutsideQuotes = (text: string, separator: string): readonly string[] | null => {
  const pieces: string[] = []
  let start = 0
  let at = 0
  while (at < text.length) {
    if (text[at] === '"') {
      at = skipQuoted(text, at)
      if (at < 0) return null
    } else {
      if (text[at] === separator) {
        pieces.push(trimSpace(text.slice(start, at)))
        start = at + 1
      }
      at++
    }
  }
  pieces.push(trimSpace(text.slice(start)))
  return pieces
}

/** Without the spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3): String.trim would take more away than HTTP allows. */
export const trimSpace = (text: string): string => {
  let from = 0
  let to = text.length
  while (isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

/** No sign, no leading zero, no list; at most 15 digits, so that every number is exact. */
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/

/** The bytes that a Content-Length states (RFC 9110 section 8.6); null for any form that another reader might read otherwise. */
export const parseContentLength = (text: string): number | null => (LENGTH.test(text) ? Number(text) : null)

/**
 * The elements of a comma-separated list (RFC 9110 section 5.6.1), trimmed, quoted strings left as written, empty elements
 * dropped. Null for a control character, an open quoted string or more than 256 elements. Does not check the elements.
 */
export const parseList = (text: string): readonly string[] | null => {
  if (!FIELD_CONTENT.test(text)) return null
  const items = splitOutsideQuotes(text, ',')?.filter((item) => item !== '') ?? null
  return items === null || items.length > MAX_ITEMS ? null : items
}

const readParameterValue = (raw: string): string | null => {
  if (isToken(raw)) return raw
  if (raw.length < 2 || raw[0] !== '"' || skipQuoted(raw, 0) !== raw.length) return null
  return raw.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** Adds `name=value` to the parameters; false when it is malformed or there already. */
const readParameter = (piece: string, parameters: Record<string, string>): boolean => {
  const equals = piece.indexOf('=')
  const name = piece.slice(0, Math.max(equals, 0)).toLowerCase()
  const value = readParameterValue(piece.slice(equals + 1))
  if (equals < 0 || !isToken(name) || value === null || parameters[name] !== undefined) return false
  parameters[name] = value
  return true
}

/**
 * Reads a Content-Type strictly (RFC 9110 section 8.3.1): token/token, then parameters, each name once, no empty
 * parameter, no space round `=`. Null for anything else, so that what is read here is what every other reader reads.
 */
export const parseMediaType = (text: string): MediaType | null => {
  if (text.length > MAX_MEDIA_TYPE || !isFieldValue(text)) return null
  const [essence, ...pieces] = splitOutsideQuotes(text, ';') ?? ['']
  const [type, subtype, ...more] = (essence as string).toLowerCase().split('/') as [string, string?, ...string[]]
  if (subtype === undefined || more.length > 0 || !isToken(type) || !isToken(subtype)) return null
  const parameters: Record<string, string> = Object.create(null)
  return pieces.every((piece) => readParameter(piece, parameters)) ? { type, subtype, parameters } : null
}
