import { readQuoted } from './literal.ts'
import type { At, ExpressionFault } from './syntax.ts'
import type { Value } from './value.ts'

export type TokenKind = 'ident' | 'quoted-ident' | 'number' | 'literal' | 'mark' | 'end'

/** `text` is a name, a mark or a number as written; a text or bytes has its value instead. */
export interface Token extends At {
  readonly kind: TokenKind
  readonly text: string
  readonly value: Value
}

export type Lexed =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly fault: ExpressionFault }

const SPACE = /[\t\n\f\r ]+|\/\/[^\n]*/y
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y
const QUOTED_IDENT = /`([A-Za-z0-9_./ -]+)`/y
const STRING = /(?:[rR][bB]?|[bB][rR]?)?(?=["'])/y
const NUMBER = /0[xX][0-9A-Fa-f]+[uU]?|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?/y
const MARK = /&&|\|\||==|!=|<=|>=|[.,:?()[\]{}<>+\-*/%!]/y

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Marks that other languages have, with what this one has instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  '=': 'Write == to compare.',
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  $: 'Write captures.name for what the rule captured as $name.',
  ';': 'An expression is one value; join conditions by &&.',
  '^': 'Write matches(text, pattern) for patterns; there are no bit operators.',
  '\\': 'A backslash stands within quotes only.',
}

const strange = (text: string, at: number): ExpressionFault => {
  const mark = String.fromCodePoint(text.codePointAt(at) as number)
  const shown = /[\p{L}\p{N}\p{P}\p{S}]/u.test(mark) ? mark : `U+${(mark.codePointAt(0) as number).toString(16).padStart(4, '0')}`
  const help = INSTEAD[mark] ?? 'Names hold ASCII letters, digits and _; texts stand in quotes.'
  return { code: 'if.syntax', from: at, to: at + mark.length, message: `${shown} means nothing here`, help }
}

type Next = { readonly token: Token } | { readonly fault: ExpressionFault }

const lexString = (text: string, at: number): Next | null => {
  const prefix = matchAt(STRING, text, at)
  if (prefix === null) return null
  const read = readQuoted(text, at, prefix[0].toLowerCase())
  if ('fault' in read) return read
  return { token: { kind: 'literal', text: '', value: read.value, from: at, to: read.to } }
}

const lexNumber = (text: string, at: number): Next | null => {
  const match = matchAt(NUMBER, text, at)
  if (match === null) return null
  const to = at + match[0].length
  const after = matchAt(IDENT, text, to)
  if (after !== null) {
    const wrong = text.slice(at, to + after[0].length)
    const help = 'Put text in quotes; names begin with a letter.'
    const message = `${wrong.slice(0, 32)} is neither a number nor a name`
    return { fault: { code: 'if.syntax', from: at, to: to + after[0].length, message, help } }
  }
  return { token: { kind: 'number', text: match[0], value: null, from: at, to } }
}

const lexWord = (text: string, at: number): Next | null => {
  const ident = matchAt(IDENT, text, at)
  if (ident !== null) return { token: { kind: 'ident', text: ident[0], value: null, from: at, to: at + ident[0].length } }
  const quoted = matchAt(QUOTED_IDENT, text, at)
  if (quoted === null) return null
  return { token: { kind: 'quoted-ident', text: quoted[1] as string, value: null, from: at, to: at + quoted[0].length } }
}

const lexMark = (text: string, at: number): Next | null => {
  const mark = matchAt(MARK, text, at)
  return mark === null ? null : { token: { kind: 'mark', text: mark[0], value: null, from: at, to: at + mark[0].length } }
}

const skipSpace = (text: string, from: number): number => {
  let at = from
  for (let space = matchAt(SPACE, text, at); space !== null; space = matchAt(SPACE, text, at)) at += space[0].length
  return at
}

/** The tokens of an expression, with one that marks its end; or the first thing that is none. */
export const lex = (text: string): Lexed => {
  const tokens: Token[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const next = lexString(text, at) ?? lexNumber(text, at) ?? lexWord(text, at) ?? lexMark(text, at)
    if (next === null) return { ok: false, fault: strange(text, at) }
    if ('fault' in next) return { ok: false, fault: next.fault }
    tokens.push(next.token)
    at = skipSpace(text, next.token.to)
  }
  tokens.push({ kind: 'end', text: '', value: null, from: text.length, to: text.length })
  return { ok: true, tokens }
}
