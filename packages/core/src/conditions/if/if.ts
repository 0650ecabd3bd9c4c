import { compileExpression, faultsOfCondition } from '../../expression/expression.ts'
import { FAULT } from '../../expression/fault.ts'
import { variablesOf } from '../../expression/names.ts'
import { MAX_TEXT, parse } from '../../expression/parser.ts'
import type { Expr, ExpressionFault } from '../../expression/syntax.ts'
import { createTrace } from '../../expression/trace.ts'
import { createTurn } from '../../expression/turns.ts'
import type { Value } from '../../expression/value.ts'
import { zonesOf } from '../../expression/zones.ts'
import { type CompileScope, type ConditionFault, defineCondition, type SpecScope } from '../../model/condition.ts'
import { FACTS, type FactName, UNKNOWN } from '../../model/fact.ts'
import { FACTS_NAMED, languageOf, NO_CONTEXT } from './names.ts'

/** What is read through a capture: the path or host that binds it, and the service, whose routing says how it is spelled. */
const OF_CAPTURES: readonly FactName[] = ['service', 'host', 'path']

const factsOf = (expr: Expr): readonly FactName[] => {
  const sources = new Set(variablesOf(expr, languageOf(NO_CONTEXT).vocabulary).map(({ variable }) => variable.source))
  const named = [...FACTS_NAMED].filter((fact) => sources.has(fact))
  return sources.has('captures') ? [...new Set([...named, ...OF_CAPTURES])] : named
}

const exprOf = (text: string): Expr | null => {
  const parsed = parse(text)
  return parsed.ok ? parsed.expr : null
}

const readsOf = (text: string): readonly FactName[] => {
  const expr = exprOf(text)
  return expr === null ? [] : factsOf(expr)
}

const capturesOf = (text: string): readonly string[] => {
  const expr = exprOf(text)
  const named = expr === null ? [] : variablesOf(expr, languageOf(NO_CONTEXT).vocabulary)
  return [...new Set(named.flatMap(({ path, variable }) => (variable.source === 'captures' ? (path.at(-1) as string) : [])))]
}

const inWhole = ({ from, to, ...texts }: ExpressionFault): ConditionFault => ({ ...texts, within: { from, to } })

/** What an expression must read in its place. */
const placeFaults = (text: string, { place }: SpecScope): readonly ConditionFault[] => {
  const reads = readsOf(text)
  if (reads.length === 0) {
    const help = 'Name something of request, principal, session, captures, or now; or leave the condition out.'
    return [{ code: 'if.constant', message: 'it asks about nothing, so it always comes out the same', help }]
  }
  if (place?.slot !== 'who' || reads.some((fact) => FACTS[fact].from === 'credential')) return []
  const help = 'Name something of principal here, or write the expression in `what`, `when` or `how`.'
  return [{ code: 'if.names_nobody', message: '`who` says who, and this asks nothing of the caller', help }]
}

const faultsOf = (text: string, scope: SpecScope): readonly ConditionFault[] => {
  const found = faultsOfCondition(text, languageOf({ place: scope.place ?? null, scope: null }))
  return found.length > 0 ? found.map(inWhole) : placeFaults(text, scope)
}

type Outcome = 'met' | 'unmet' | 'unknown' | 'unsaid' | 'failed'

const outcomeOf = (value: Value): Outcome => {
  if (value === true) return 'met'
  // What is absent is unmet, as it is for every condition.
  if (value === false || value === null) return 'unmet'
  if (value === UNKNOWN) return 'unknown'
  return value === FAULT.unsaid ? 'unsaid' : 'failed'
}

const lapsesOf = (text: string, scope: CompileScope) => {
  const expr = exprOf(text)
  if (expr === null) return () => Number.POSITIVE_INFINITY
  return createTurn(expr, { name: 'now', now: ({ now }) => now, ...languageOf({ place: null, scope }) })
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ')

export const expression = defineCondition({
  key: 'if',
  place: 'any',
  quoted: true,
  about:
    'The expression is true: one of the Common Expression Language, over the request, the principal, the session, what the rule captured, and the time. What an unknown fact leaves open is unknown; what cannot be computed is unknown as well. See docs/reference/expressions.md.',
  schema: (kit) => kit.string().regex(/\S/, 'an expression').max(MAX_TEXT, `an expression of at most ${MAX_TEXT} characters`),
  reads: [...new Set([...FACTS_NAMED, ...OF_CAPTURES])],
  readsOf: (spec) => readsOf(spec),
  reasons: {
    'if.unmet': {
      tri: 0,
      remedy: false,
      text: 'What this asks of the request and the caller does not hold.',
      help: 'Ask the owner of the service what it needs.',
    },
    'if.unknown': { tri: -1, remedy: false, text: 'Something this depends on could not be found out.', help: 'Try again.' },
    'if.unsaid': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address leaves open what this is about.',
      help: 'Check the spelling of the address.',
    },
    'if.failed': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'A value this depends on is missing or has an unexpected form.',
      help: 'Tell the operator; the decision id helps.',
    },
  },
  compile: (spec: string, scope, say) => {
    const verdicts: Readonly<Record<Outcome, ReturnType<typeof say>>> = {
      met: say('met'),
      unmet: say('if.unmet'),
      unknown: say('if.unknown'),
      unsaid: say('if.unsaid'),
      failed: say('if.failed'),
    }
    const evaluate = compileExpression(spec, languageOf({ place: null, scope }))
    if (evaluate === null) return () => verdicts.failed
    return (facts) => verdicts[outcomeOf(evaluate(facts))]
  },
  sentence: (spec) => `\`${oneLine(spec)}\` holds`,
  compares: capturesOf,
  faults: faultsOf,
  zones: (spec) => {
    const expr = exprOf(spec)
    return expr === null ? [] : zonesOf(expr).names
  },
  lapses: lapsesOf,
  trace: (spec, scope) => createTrace(spec, languageOf({ place: null, scope })),
  examples: {
    accepted: [
      'principal.claims.tenant == captures.tenant',
      'principal.claims.level >= 3 && "eu" in principal.claims.regions',
      'now < timestamp("2026-12-20T00:00:00Z") || now.getHours("Europe/Berlin") < 6',
      'request.address != cidr("198.51.100.0/24").ip() && principal.kind == "human"',
    ],
    refused: [
      { spec: 'principal.claims.tenant ==', code: 'if.syntax' },
      { spec: 'principal.clams.tenant == "acme"', code: 'if.undeclared' },
      { spec: 'principal.user + 1 == "a"', code: 'if.type' },
      { spec: 'startsWith(principal.user, "corp/")', code: 'if.call' },
      { spec: 'now < timestamp("tomorrow")', code: 'if.constant' },
      { spec: 'now.getHours(principal.user) == 1', code: 'if.zone' },
      { spec: 'principal.kind == "robot"', code: 'if.value' },
      { spec: 'principal.user == Name{part: "a"}', code: 'if.message' },
      { spec: 3, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { claims: new Map([['tenant', 'globex']]) },
    absent: { claims: new Map([['tenant', null]]) },
    unknown: { claims: new Map() },
  },
})
