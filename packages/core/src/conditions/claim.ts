import type { CompileScope } from '../model/condition.ts'
import { defineCondition } from '../model/condition.ts'
import { type ClaimValue, type Facts, type Maybe, UNKNOWN } from '../model/fact.ts'
import { among, comparedNames, equalsOne, type Operands, operandsOf } from '../model/operand.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

type Scalar = string | number | boolean
type ClaimSpec = { readonly [name: string]: OneOrMany<Scalar> }
type Outcome = 'met' | 'missing' | 'other' | 'unbound' | 'other_form' | 'unknown'

const BY_TRI = { 1: 'met', 0: 'other', [-1]: 'unbound' } as const

/** A captured segment is text: it equals a number in its one decimal spelling only. */
const judgeNumber = (value: number, bound: Operands['bound'], facts: Facts): Outcome => {
  if (!Number.isSafeInteger(value)) return 'other_form'
  return BY_TRI[among({ literals: new Set(), bound }, (text) => text === String(value), facts)]
}

/** A value of a type that nothing written has is no answer: the claim and the policy speak of different things. */
const judgeValue = (written: readonly Scalar[], scope: CompileScope): ((value: ClaimValue, facts: Facts) => Outcome) => {
  const texts = operandsOf(
    written.filter((each) => typeof each === 'string'),
    scope,
  )
  const plain = new Set<ClaimValue>(written.filter((each) => typeof each !== 'string'))
  const types = new Set<string>(written.map((each) => typeof each))
  const isText = types.has('string')
  return (value, facts) => {
    if (typeof value === 'object') return isText ? BY_TRI[among(texts, (text) => value.includes(text), facts)] : 'other_form'
    if (typeof value === 'string') return isText ? BY_TRI[equalsOne(texts, value, facts)] : 'other_form'
    if (plain.has(value)) return 'met'
    if (typeof value === 'number' && texts.bound.length > 0) return judgeNumber(value, texts.bound, facts)
    return types.has(typeof value) ? 'other' : 'other_form'
  }
}

const judgeClaim = (name: string, written: readonly Scalar[], scope: CompileScope): ((facts: Facts) => Outcome) => {
  const judge = judgeValue(written, scope)
  return (facts) => {
    if (facts.claims === UNKNOWN) return 'unknown'
    if (facts.claims === null) return 'missing'
    const value: Maybe<ClaimValue> | undefined = facts.claims.get(name)
    if (value === undefined || value === UNKNOWN) return 'unknown'
    return value === null ? 'missing' : judge(value, facts)
  }
}

export const claim = defineCondition({
  key: 'claim',
  place: 'who',
  about:
    'Each of these declared claims has the value written, or one of them; `$name` stands for what the rule captured. A claim with several values has the value when it is among them.',
  schema: (kit) => {
    const text = kit
      .string()
      .regex(/^(?:[^$][^\u0000-\u001f]{0,1023}|\$[a-z][a-z0-9_-]{0,63})$/, 'text, or a $name captured in `what`')
    const value = oneOrMany<Scalar>(kit, kit.union([text, kit.number(), kit.boolean()]))
    const name = kit.string().regex(/^[^\s$]{1,256}$/, 'the name of a declared claim')
    return kit.record(name, value).refine((claims) => Object.keys(claims).length > 0, 'at least one claim with its value')
  },
  reads: ['claims'],
  reasons: {
    'claim.missing': {
      tri: 0,
      remedy: false,
      text: 'The caller lacks an attribute this needs.',
      help: 'Ask the owner of the service for access.',
    },
    'claim.other': {
      tri: 0,
      remedy: false,
      text: 'An attribute of the caller has another value than this needs.',
      help: 'Ask the owner of the service for access.',
    },
    'claim.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'claim.other_form': {
      tri: -1,
      remedy: false,
      text: 'An attribute of the caller has an unexpected form.',
      help: 'Tell the operator; the decision id helps.',
    },
    'claim.unknown': { tri: -1, remedy: false, text: 'An attribute of the caller could not be found out.', help: 'Try again.' },
  },
  compile: (spec: ClaimSpec, scope, say) => {
    // By name, so that the order of keys does not choose the reason.
    const names = Object.keys(spec).sort()
    const judges = names.map((name) => judgeClaim(name, listOf(spec[name] as OneOrMany<Scalar>), scope))
    const verdicts = {
      met: say('met'),
      missing: say('claim.missing'),
      other: say('claim.other'),
      unbound: say('claim.unbound'),
      other_form: say('claim.other_form'),
      unknown: say('claim.unknown'),
    }
    return (facts) => {
      let verdict = verdicts.met
      for (const judge of judges) {
        const found = verdicts[judge(facts)]
        if (found.tri === 0) return found
        // What a source did not tell may still turn out unmet, whatever the caller left open.
        if (verdict.tri === 1 || (verdict.by === 'caller' && found.by === 'source')) verdict = found
      }
      return verdict
    }
  },
  sentence: (spec) =>
    `has ${inWords(
      Object.entries(spec).map(([name, value]) => `the claim ${name} ${inWords(listOf(value))}`),
      'and',
    )}`,
  refers: (spec) => Object.keys(spec).map((name) => ({ noun: 'claim', name })),
  compares: (spec) => Object.values(spec).flatMap((value) => comparedNames(listOf(value))),
  examples: {
    accepted: [{ tenant: '$tenant' }, { level: [3, 4], beta: true }, { regions: 'eu' }, { tenant: 'acme', level: 3 }],
    refused: [
      { spec: 'tenant', code: 'spec.invalid' },
      { spec: { tenant: null }, code: 'spec.invalid' },
      { spec: { tenant: '$Tenant' }, code: 'spec.invalid' },
      { spec: { tenant: { is: 'acme' } }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { claims: new Map([['tenant', 'globex']]) },
    absent: { claims: new Map([['tenant', null]]) },
    unknown: { claims: new Map() },
  },
})
