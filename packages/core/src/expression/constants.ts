import { parseRegex } from '../lib/regex.ts'
import { compile } from './compiler.ts'
import { FAULTS } from './fault.ts'
import type { Language } from './language.ts'
import { callsOf } from './names.ts'
import type { Call, Expr, ExpressionFault } from './syntax.ts'
import { tagged } from './value.ts'

const isConstant = (expr: Expr): boolean => {
  if (expr.op === 'literal') return true
  if (expr.op === 'list') return expr.items.every(({ value, optional }) => !optional && isConstant(value))
  return expr.op === 'call' && (expr.target === null || isConstant(expr.target)) && expr.args.every(isConstant)
}

const patternFault = ({ name, target, args }: Call): readonly ExpressionFault[] => {
  const pattern = args[target === null ? 1 : 0]
  if (name !== 'matches' || pattern?.op !== 'literal' || typeof pattern.value !== 'string') return []
  const parsed = parseRegex(pattern.value)
  if (parsed.ok) return []
  const help = 'Patterns are of RE2: no look-around, no back-references. A backslash is doubled, or the text begins with r.'
  return [{ code: 'if.constant', from: pattern.from, to: pattern.to, message: `the pattern cannot be read: ${parsed.why}`, help }]
}

const HELP: ReadonlyMap<string, string> = new Map([
  ['timestamp', 'Write timestamp("2026-12-20T00:00:00Z").'],
  ['duration', 'Write duration("1h30m"), of h, m, s and ms.'],
  ['ip', 'Write ip("203.0.113.7") or ip("2001:db8::7").'],
  ['cidr', 'Write cidr("203.0.113.0/24").'],
])

const constantFault = <F>(call: Call, { vocabulary, library }: Language<F>): readonly ExpressionFault[] => {
  if (!isConstant(call)) return []
  // Nothing of the input is read: what is constant names nothing.
  const found = tagged(compile<F>(call, { vocabulary, library, onValue: null })(undefined as F), 'fault')
  const inner = call.target === null ? call.args : [call.target, ...call.args]
  const wrongWithin = inner.some((part) => part.op === 'call' && constantFault(part, { vocabulary, library }).length > 0)
  if (found === null || wrongWithin) return []
  const help = HELP.get(call.name) ?? 'It can never be computed; write what is meant.'
  return [{ code: 'if.constant', from: call.from, to: call.to, message: FAULTS[found.code], help }]
}

/** Parts that depend on nothing and fail every time: texts that are no instants, patterns that cannot be read, divisions by zero. */
export const constantFaults = <F>(expr: Expr, language: Language<F>): readonly ExpressionFault[] =>
  callsOf(expr).flatMap((call) => {
    const faults = patternFault(call)
    return faults.length > 0 ? faults : constantFault(call, language)
  })
