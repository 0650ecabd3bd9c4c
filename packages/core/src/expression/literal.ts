import { type Int, INT64, intFromBig, type IntRange, parseInt64, UINT64 } from './integer.ts'
import type { ExpressionFault } from './syntax.ts'
import { encodeUtf8 } from './utf8.ts'
import { double, uint, type Value } from './value.ts'

const integerOf = (digits: string, range: IntRange): Int | null => {
  if (!/^-?0x/i.test(digits)) return parseInt64(digits.replace(/^(-?)0+(?=[0-9])/, '$1'), range)
  if (digits.length > 19) return null
  const value = BigInt(digits.replace('-', ''))
  return intFromBig(digits.startsWith('-') ? -value : value, range)
}

/** The value of a number as written, a minus sign perhaps before it; null when it is out of range. */
export const readNumber = (text: string): Value | null => {
  const unsigned = /u$/i.test(text)
  const digits = unsigned ? text.slice(0, -1) : text
  const range = unsigned ? UINT64 : INT64
  if (!/^-?(?:[0-9]+|0x[0-9a-f]+)$/i.test(digits)) return unsigned ? null : double(Number(digits))
  const value = integerOf(digits, range)
  return value !== null && unsigned ? uint(value) : value
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\u000b',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}
const ESCAPE = /\\(?:([abfnrtv\\?"'`])|([0-3][0-7]{2})|[xX]([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y

export interface Quoted {
  readonly value: Value
  /** The first code unit after the closing quote. */
  readonly to: number
}

/** What one escape stands for: a code point, or in bytes an octet. Null when it means nothing. */
const unescape = (match: RegExpExecArray, bytes: boolean): { readonly code: number; readonly octet: boolean } | null => {
  const [, simple, octal, hex, short, long] = match
  if (simple !== undefined) return { code: (SIMPLE[simple] as string).charCodeAt(0), octet: false }
  if (octal !== undefined) return { code: Number.parseInt(octal, 8), octet: bytes }
  if (hex !== undefined) return { code: Number.parseInt(hex, 16), octet: bytes }
  const code = Number.parseInt((short ?? long) as string, 16)
  const isScalar = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isScalar && !bytes ? { code, octet: false } : null
}

const fault = (from: number, to: number, message: string): { readonly fault: ExpressionFault } => ({
  fault: {
    code: 'if.syntax',
    from,
    to,
    message,
    help: 'Close the text with the quote that opened it; write \\\\ for a backslash.',
  },
})

interface Opening {
  readonly quote: string
  readonly raw: boolean
  readonly bytes: boolean
  /** Where the content begins. */
  readonly at: number
}

const open = (text: string, at: number, prefix: string): Opening => {
  const begins = at + prefix.length
  const mark = text[begins] as string
  const quote = text.startsWith(mark.repeat(3), begins) ? mark.repeat(3) : mark
  return { quote, raw: prefix.includes('r'), bytes: prefix.includes('b'), at: begins + quote.length }
}

interface Content {
  text: string
  readonly octets: number[]
}

const push = (into: Content, piece: string, bytes: boolean): void => {
  if (bytes) for (const octet of encodeUtf8(piece)) into.octets.push(octet)
  else into.text += piece
}

/** Reads one escape; the place after it, or null when it means nothing. */
const readEscape = (text: string, at: number, into: { content: Content; bytes: boolean }): number | null => {
  ESCAPE.lastIndex = at
  const match = ESCAPE.exec(text)
  const escape = match === null ? null : unescape(match, into.bytes)
  if (match === null || escape === null) return null
  if (escape.octet) into.content.octets.push(escape.code)
  else push(into.content, String.fromCodePoint(escape.code), into.bytes)
  return at + match[0].length
}

/** Only a text in three quotes goes over lines. */
const LINE_ENDS: ReadonlySet<string> = new Set(['\n', '\r'])

/** A text or bytes literal whose prefix (`r`, `b` or both, in lower case) begins at `at`. */
export const readQuoted = (text: string, at: number, prefix: string): Quoted | { readonly fault: ExpressionFault } => {
  const { quote, raw, bytes, at: begins } = open(text, at, prefix)
  const content: Content = { text: '', octets: [] }
  let here = begins
  while (!text.startsWith(quote, here)) {
    const mark = text[here]
    if (mark === undefined || (quote.length === 1 && LINE_ENDS.has(mark))) return fault(at, here, 'the text is not closed')
    if (mark === '\\' && !raw) {
      const after = readEscape(text, here, { content, bytes })
      if (after === null) return fault(here, Math.min(here + 2, text.length), `\\${text[here + 1] ?? ''} is no escape`)
      here = after
    } else {
      const piece = String.fromCodePoint(text.codePointAt(here) as number)
      push(content, piece, bytes)
      here += piece.length
    }
  }
  const value: Value = bytes ? { kind: 'bytes', octets: Uint8Array.from(content.octets) } : content.text
  return { value, to: here + quote.length }
}
