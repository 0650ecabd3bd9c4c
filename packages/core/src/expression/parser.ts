import type { Token } from './lexer.ts'
import { lex } from './lexer.ts'
import { expandCall } from './macros.ts'
import { readNumber } from './literal.ts'
import type { At, Expr, ExpressionFault, ListItem, MapItem } from './syntax.ts'
import type { Value } from './value.ts'

/** Longest expression, UTF-16 code units; deepest nesting; most nodes that hold others: what walks the tree has a bounded stack. */
export const MAX_TEXT = 4_096
const MAX_DEPTH = 64
const MAX_NODES = 400

export type Parsed = { readonly ok: true; readonly expr: Expr } | { readonly ok: false; readonly fault: ExpressionFault }

interface Reading {
  readonly tokens: readonly Token[]
  /** Index of the token to be read next; the last once a fault was found. */
  at: number
  depth: number
  nodes: number
  fault: ExpressionFault | null
}

const NOTHING: Value = null
const placeholder = (at: At): Expr => ({ op: 'literal', value: NOTHING, from: at.from, to: at.to })

const peek = (reading: Reading): Token => reading.tokens[reading.at] as Token

/** Remembers the first fault and goes to the end, so that whoever reads on finds nothing more. */
const fail = (reading: Reading, at: At, texts: { readonly message: string; readonly help: string }): Expr => {
  reading.fault ??= { code: 'if.syntax', from: at.from, to: at.to, ...texts }
  reading.at = reading.tokens.length - 1
  return placeholder(at)
}

const describe = (token: Token): string => {
  if (token.kind === 'end') return 'the expression ends'
  if (token.kind === 'literal') return 'a text stands'
  return `${token.text} stands`
}

const failHere = (reading: Reading, wanted: string, help = 'Check the parentheses and operators before this place.'): Expr => {
  const token = peek(reading)
  return fail(reading, token, { message: `${describe(token)} where ${wanted} is expected`, help })
}

const isMark = (token: Token, text: string): boolean => token.kind === 'mark' && token.text === text

const take = (reading: Reading): Token => {
  const token = peek(reading)
  if (token.kind !== 'end') reading.at++
  return token
}

const accept = (reading: Reading, text: string): Token | null => (isMark(peek(reading), text) ? take(reading) : null)

/** The mark, or a fault that names it. */
const expect = (reading: Reading, text: string): Token => {
  const token = accept(reading, text)
  if (token !== null) return token
  failHere(reading, text)
  return peek(reading)
}

const grown = <E extends Expr>(reading: Reading, expr: E): Expr => {
  if (++reading.nodes <= MAX_NODES) return expr
  return fail(reading, expr, {
    message: `an expression has at most ${MAX_NODES} operations`,
    help: 'Split it over several conditions, or name parts under `conditions`.',
  })
}

const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while in true false null'.split(
    ' ',
  ),
)

const call = (reading: Reading, name: string, parts: { readonly args: readonly Expr[]; readonly nameAt: At }): Expr => {
  const [first, last] = [parts.args[0] as Expr, parts.args.at(-1) as Expr]
  const from = Math.min(first.from, parts.nameAt.from)
  return grown(reading, { op: 'call', name, target: null, ...parts, from, to: last.to })
}

const LEVELS: readonly (readonly string[])[] = [
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]

const operatorAt = (token: Token, level: number): boolean =>
  (token.kind === 'mark' || (token.kind === 'ident' && token.text === 'in')) &&
  (LEVELS[level] as readonly string[]).includes(token.text)

/** Operators that stand between two operands, from the loosest level of `LEVELS` on. */
const readBinary = (reading: Reading, level: number): Expr => {
  if (level === LEVELS.length) return readUnary(reading)
  let left = readBinary(reading, level + 1)
  while (operatorAt(peek(reading), level)) {
    const operator = take(reading)
    const right = readBinary(reading, level + 1)
    const name = operator.text === 'in' ? '@in' : `_${operator.text}_`
    left = call(reading, name, { args: [left, right], nameAt: operator })
  }
  return left
}

const readLogic = (reading: Reading, op: 'and' | 'or'): Expr => {
  const [mark, readPart] =
    op === 'or' ? ['||', (): Expr => readLogic(reading, 'and')] : ['&&', (): Expr => readBinary(reading, 0)]
  const first = (readPart as () => Expr)()
  const parts = [first]
  while (accept(reading, mark as string) !== null) parts.push((readPart as () => Expr)())
  return parts.length === 1 ? first : grown(reading, { op, parts, from: first.from, to: (parts.at(-1) as Expr).to })
}

const readExpr = (reading: Reading): Expr => {
  if (++reading.depth > MAX_DEPTH) {
    return fail(reading, peek(reading), { message: `more than ${MAX_DEPTH} levels of nesting`, help: 'Split the expression.' })
  }
  const test = readLogic(reading, 'or')
  let expr = test
  if (accept(reading, '?') !== null) {
    const met = readLogic(reading, 'or')
    expect(reading, ':')
    const otherwise = readExpr(reading)
    expr = grown(reading, { op: 'choice', test, met, otherwise, from: test.from, to: otherwise.to })
  }
  reading.depth--
  return expr
}

const negative = (reading: Reading, minus: Token): Expr | null => {
  const next = peek(reading)
  if (next.kind !== 'number' || /u$/i.test(next.text)) return null
  return readMember(reading, number(reading, take(reading), minus))
}

const number = (reading: Reading, token: Token, minus: Token | null): Expr => {
  const value = readNumber(`${minus?.text ?? ''}${token.text}`)
  const at = { from: minus?.from ?? token.from, to: token.to }
  if (value !== null) return { op: 'literal', value, ...at }
  const help = 'Integers have 64 bits; write a decimal point for a double.'
  return fail(reading, at, { message: `the number ${token.text.slice(0, 32)} is out of range`, help })
}

const readUnary = (reading: Reading): Expr => {
  const operator = accept(reading, '!') ?? accept(reading, '-')
  if (operator === null) return readMember(reading, readPrimary(reading))
  if (operator.text === '-') {
    const literal = negative(reading, operator)
    if (literal !== null) return literal
  }
  if (++reading.depth > MAX_DEPTH) return failHere(reading, 'fewer signs')
  const args = [readUnary(reading)]
  reading.depth--
  return call(reading, `${operator.text}_`, { args, nameAt: operator })
}

/** Values between commas up to a closing mark, which is taken. */
const readItems = <T>(reading: Reading, close: string, readItem: () => T): readonly T[] => {
  const items: T[] = []
  while (!isMark(peek(reading), close) && reading.fault === null) {
    items.push(readItem())
    if (accept(reading, ',') === null) break
  }
  expect(reading, close)
  return items
}

const readArgs = (reading: Reading): readonly Expr[] => {
  const args = readItems(reading, ')', () => readExpr(reading))
  return args
}

const endOf = (reading: Reading): number => reading.tokens[Math.max(0, reading.at - 1)]?.to ?? 0

const readCall = (reading: Reading, name: Token, target: Expr | null): Expr => {
  const args = readArgs(reading)
  const from = target?.from ?? name.from
  const expanded = expandCall({ op: 'call', name: name.text, nameAt: name, target, args, from, to: endOf(reading) })
  return 'fault' in expanded ? fail(reading, expanded.fault, expanded.fault) : grown(reading, expanded.expr)
}

const readSelect = (reading: Reading, of: Expr): Expr => {
  const optional = accept(reading, '?') !== null
  const field = take(reading)
  if (field.kind !== 'ident' && field.kind !== 'quoted-ident') {
    reading.at -= field.kind === 'end' ? 0 : 1
    return failHere(reading, 'the name of a field')
  }
  if (!optional && field.kind === 'ident' && accept(reading, '(') !== null) return readCall(reading, field, of)
  const rest = { field: field.text, fieldAt: { from: field.from, to: field.to }, optional, test: false }
  return grown(reading, { op: 'select', of, ...rest, from: of.from, to: field.to })
}

const readIndex = (reading: Reading, of: Expr): Expr => {
  const optional = accept(reading, '?') !== null
  const index = readExpr(reading)
  expect(reading, ']')
  return grown(reading, { op: 'index', of, index, optional, from: of.from, to: endOf(reading) })
}

const isName = (expr: Expr): boolean => expr.op === 'ident' || (expr.op === 'select' && !expr.optional && isName(expr.of))

const readMember = (reading: Reading, primary: Expr): Expr => {
  let expr = primary
  for (;;) {
    if (accept(reading, '.') !== null) expr = readSelect(reading, expr)
    else if (accept(reading, '[') !== null) expr = readIndex(reading, expr)
    else if (isMark(peek(reading), '{') && isName(expr)) expr = readMessage(reading, expr)
    else return expr
  }
}

const readMessage = (reading: Reading, name: Expr): Expr => {
  take(reading)
  const fields = readItems(reading, '}', () => {
    accept(reading, '?')
    take(reading)
    expect(reading, ':')
    return readExpr(reading)
  })
  return grown(reading, { op: 'message', fields, from: name.from, to: endOf(reading) })
}

const readListItem = (reading: Reading): ListItem => {
  const optional = accept(reading, '?') !== null
  return { value: readExpr(reading), optional }
}

const readMapItem = (reading: Reading): MapItem => {
  const optional = accept(reading, '?') !== null
  const key = readExpr(reading)
  expect(reading, ':')
  return { key, value: readExpr(reading), optional }
}

const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, null: null }

const readIdent = (reading: Reading, token: Token, dot: Token | null): Expr => {
  const constant = dot === null && Object.hasOwn(CONSTANTS, token.text) ? CONSTANTS[token.text] : undefined
  if (constant !== undefined) return { op: 'literal', value: constant, from: token.from, to: token.to }
  const from = dot?.from ?? token.from
  if (RESERVED.has(token.text)) {
    const help = 'It is a reserved word; in a text it stands in quotes.'
    return fail(reading, token, { message: `${token.text} can be no name here`, help })
  }
  if (accept(reading, '(') !== null) return readCall(reading, token, null)
  return { op: 'ident', name: token.text, rooted: dot !== null, from, to: token.to }
}

const OPENINGS: Readonly<Record<string, (reading: Reading, opening: Token) => Expr>> = {
  '(': (reading, { from }) => {
    const inner = readExpr(reading)
    return { ...inner, from, to: expect(reading, ')').to }
  },
  '[': (reading, { from }) => {
    const items = readItems(reading, ']', () => readListItem(reading))
    return grown(reading, { op: 'list', items, from, to: endOf(reading) })
  },
  '{': (reading, { from }) => {
    const entries = readItems(reading, '}', () => readMapItem(reading))
    return grown(reading, { op: 'map', entries, from, to: endOf(reading) })
  },
}

const readPrimary = (reading: Reading): Expr => {
  const token = peek(reading)
  if (token.kind === 'literal') return { op: 'literal', value: take(reading).value, from: token.from, to: token.to }
  if (token.kind === 'number') return number(reading, take(reading), null)
  const dot = accept(reading, '.')
  const next = peek(reading)
  if (next.kind === 'ident') return readIdent(reading, take(reading), dot)
  const opening = dot === null && next.kind === 'mark' && Object.hasOwn(OPENINGS, next.text) ? OPENINGS[next.text] : undefined
  return opening === undefined ? failHere(reading, 'a value') : opening(reading, take(reading))
}

/** Reads an expression by the grammar of the language's definition. Never throws; the first fault is the answer. */
export const parse = (text: string): Parsed => {
  if (text.length > MAX_TEXT) {
    const message = `an expression has at most ${MAX_TEXT} characters`
    return { ok: false, fault: { code: 'if.syntax', from: MAX_TEXT, to: text.length, message, help: 'Split it.' } }
  }
  const lexed = lex(text)
  if (!lexed.ok) return { ok: false, fault: lexed.fault }
  const reading: Reading = { tokens: lexed.tokens, at: 0, depth: 0, nodes: 0, fault: null }
  const expr = readExpr(reading)
  if (peek(reading).kind !== 'end') failHere(reading, 'an operator or the end')
  return reading.fault === null ? { ok: true, expr } : { ok: false, fault: reading.fault }
}
