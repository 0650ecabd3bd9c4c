export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
/** An object as parseStrictJson makes it: without a prototype, so no key means anything but itself. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `maxBytes` counts UTF-8; `maxDepth` counts nested arrays and objects, and is read as at most 256. */
export interface JsonLimits {
  readonly maxBytes: number
  readonly maxDepth: number
}

/** `offset` is a position in the text, in UTF-16 code units. */
export type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly why: string; readonly offset: number }

interface Reader {
  readonly text: string
  readonly maxDepth: number
  at: number
  depth: number
  why: string
}

const DEEPEST = 256
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Marks failure. Nothing is read after one, so it is called once at most. */
const fail = (reader: Reader, why: string): undefined => {
  reader.why = why
  return undefined
}

const skipSpace = (reader: Reader): number => {
  for (;;) {
    const c = reader.text.charCodeAt(reader.at)
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return c
    reader.at++
  }
}

/** The position after the escape that begins at `at`, or -1 when it is none of RFC 8259 section 7. */
const skipEscape = (text: string, at: number): number => {
  const c = text[at + 1]
  if (c === 'u') return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? at + 6 : -1
  return c !== undefined && '"\\/bfnrt'.includes(c) ? at + 2 : -1
}

/** The position of the closing quote of a string whose first character is at `from`, or -1. */
const findQuote = (text: string, from: number): number => {
  let at = from
  while (at >= 0) {
    const c = text.charCodeAt(at)
    if (c === QUOTE) return at
    // The comparison is false for NaN, the end of the text.
    if (!(c >= 32)) return -1
    at = c === BACKSLASH ? skipEscape(text, at) : at + 1
  }
  return -1
}

const readString = (reader: Reader): string | undefined => {
  const start = reader.at + 1
  const end = findQuote(reader.text, start)
  if (end < 0) return fail(reader, 'a string is not closed, or holds a control character or an unknown escape')
  const raw = reader.text.slice(start, end)
  // findQuote admits exactly the escapes of RFC 8259, so JSON.parse cannot throw here.
  const value = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
  if (!value.isWellFormed()) return fail(reader, 'a string holds half of a surrogate pair')
  reader.at = end + 1
  return value
}

const readNumber = (reader: Reader): number | undefined => {
  NUMBER.lastIndex = reader.at
  const raw = NUMBER.exec(reader.text)?.[0]
  if (raw === undefined) return fail(reader, 'a value was expected')
  const value = Number(raw)
  if (!Number.isFinite(value)) return fail(reader, 'a number is too large')
  reader.at += raw.length
  return value
}

const readWord = (reader: Reader, word: string, value: boolean | null): boolean | null | undefined => {
  if (!reader.text.startsWith(word, reader.at)) return fail(reader, 'a value was expected')
  reader.at += word.length
  return value
}

/** After an item: true to go on, false at the closing character, undefined when neither follows. */
const readSeparator = (reader: Reader, close: number): boolean | undefined => {
  const c = skipSpace(reader)
  if (c !== COMMA && c !== close) return fail(reader, 'a comma or the end of the list or object was expected')
  reader.at++
  return c === COMMA
}

const readArray = (reader: Reader): readonly JsonValue[] | undefined => {
  const items: JsonValue[] = []
  reader.at++
  if (skipSpace(reader) === CLOSE_BRACKET) {
    reader.at++
    return items
  }
  for (;;) {
    const item = readValue(reader)
    if (item === undefined) return undefined
    items.push(item)
    const more = readSeparator(reader, CLOSE_BRACKET)
    if (more !== true) return more === false ? items : undefined
  }
}

const readKey = (reader: Reader, members: JsonObject): string | undefined => {
  if (skipSpace(reader) !== QUOTE) return fail(reader, 'a key was expected')
  const start = reader.at
  const key = readString(reader)
  if (key === undefined) return undefined
  if (members[key] !== undefined) {
    reader.at = start
    return fail(reader, 'a key is given twice')
  }
  if (skipSpace(reader) !== COLON) return fail(reader, 'a colon was expected')
  reader.at++
  return key
}

const readObject = (reader: Reader): JsonObject | undefined => {
  const members: Record<string, JsonValue> = Object.create(null)
  reader.at++
  if (skipSpace(reader) === CLOSE_BRACE) {
    reader.at++
    return members
  }
  for (;;) {
    const key = readKey(reader, members)
    if (key === undefined) return undefined
    const value = readValue(reader)
    if (value === undefined) return undefined
    members[key] = value
    const more = readSeparator(reader, CLOSE_BRACE)
    if (more !== true) return more === false ? members : undefined
  }
}

const readNested = (reader: Reader, open: number): JsonValue | undefined => {
  if (reader.depth >= reader.maxDepth) return fail(reader, 'values are nested too deep')
  reader.depth++
  const value = open === OPEN_BRACE ? readObject(reader) : readArray(reader)
  reader.depth--
  return value
}

const readValue = (reader: Reader): JsonValue | undefined => {
  const c = skipSpace(reader)
  if (c === QUOTE) return readString(reader)
  if (c === OPEN_BRACE || c === OPEN_BRACKET) return readNested(reader, c)
  if (c === 116) return readWord(reader, 'true', true)
  if (c === 102) return readWord(reader, 'false', false)
  if (c === 110) return readWord(reader, 'null', null)
  return readNumber(reader)
}

/** True when the UTF-8 of the text is longer than `max` bytes; a lone surrogate counts three. */
const isLonger = (text: string, max: number): boolean => {
  if (text.length > max) return true
  if (text.length * 3 <= max) return false
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x80) bytes += c < 0x800 || (c >= 0xd800 && c <= 0xdfff) ? 1 : 2
  }
  return bytes > max
}

/**
 * Reads JSON (RFC 8259) as JSON.parse does, but refuses what readers disagree about: duplicate keys, numbers beyond a
 * double's range, lone surrogates, a byte order mark, text after the value; and what is larger or deeper than the limits.
 * Objects have no prototype, so `__proto__` and `constructor` are keys like others. Never throws. Integers beyond 2^53 lose
 * digits as in JSON.parse. The reason never quotes the text.
 */
export const parseStrictJson = (text: string, limits: JsonLimits): ParsedJson => {
  if (isLonger(text, limits.maxBytes)) return { ok: false, why: 'the text is too long', offset: 0 }
  const reader: Reader = { text, maxDepth: Math.min(limits.maxDepth, DEEPEST), at: 0, depth: 0, why: '' }
  const value = readValue(reader)
  if (value !== undefined && Number.isNaN(skipSpace(reader))) return { ok: true, value }
  return { ok: false, why: reader.why === '' ? 'text follows the value' : reader.why, offset: reader.at }
}
