import { parseRegex } from '../lib/regex.ts'
import { compile } from './compiler.ts'
import { FAULTS } from './fault.ts'
import type { Language } from './language.ts'
import { callsOf } from './names.ts'
import { type Call, childrenOf, type Expr, type ExpressionFault } from './syntax.ts'
import { tagged, type Value } from './value.ts'

const patternFault = ({ name, target, args }: Call): readonly ExpressionFault[] => {
  const pattern = args[target === null ? 1 : 0]
  if (name !== 'matches' || pattern === undefined) return []
  if (pattern.op !== 'literal' || typeof pattern.value !== 'string') {
    // Whoever supplies a pattern decides what it matches, and how long that takes.
    const message = 'a pattern stands in the policy; it is not made of values'
    return [
      { code: 'if.constant', from: pattern.from, to: pattern.to, message, help: 'Write it in quotes, or use == or startsWith.' },
    ]
  }
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

const isCall = (expr: Expr): expr is Call => expr.op === 'call'

/** The calls that depend on nothing and are not part of another such call: what is constant is looked at once, from the top. */
const constantCalls = (expr: Expr): readonly Call[] => {
  const found: Call[] = []
  const visit = (part: Expr): boolean => {
    const children = childrenOf(part)
    const constant = children.map(visit)
    if (part.op === 'literal' || (constant.every(Boolean) && children.length > 0 && (part.op === 'list' || isCall(part))))
      return true
    for (const [i, child] of children.entries()) if (constant[i] === true && isCall(child)) found.push(child)
    return false
  }
  if (visit(expr) && isCall(expr)) found.push(expr)
  return found
}

/** The innermost call that failed: what holds it fails because of it. */
const innermost = (call: Call, values: ReadonlyMap<Expr, Value>): Call => {
  const failed = childrenOf(call)
    .filter(isCall)
    .find((child) => tagged(values.get(child) ?? null, 'fault') !== null)
  return failed === undefined ? call : innermost(failed, values)
}

const constantFault = <F>(call: Call, { vocabulary, library }: Language<F>): readonly ExpressionFault[] => {
  const values = new Map<Expr, Value>()
  const onValue = (expr: Expr, value: Value): unknown => values.set(expr, value)
  // Nothing of the input is read: what is constant names nothing.
  const found = tagged(compile<F>(call, { vocabulary, library, onValue })(undefined as F), 'fault')
  if (found === null) return []
  const { name, from, to } = innermost(call, values)
  const help = HELP.get(name) ?? 'It can never be computed; write what is meant.'
  return [{ code: 'if.constant', from, to, message: FAULTS[found.code], help }]
}

/** Parts that depend on nothing and fail every time: texts that are no instants, patterns that cannot be read, divisions by zero. */
export const constantFaults = <F>(expr: Expr, language: Language<F>): readonly ExpressionFault[] => {
  const patterns = callsOf(expr).flatMap(patternFault)
  return patterns.length > 0 ? patterns : constantCalls(expr).flatMap((call) => constantFault(call, language))
}
