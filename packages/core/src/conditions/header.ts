import { type CompileScope, defineCondition } from '../model/condition.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import { among, comparedNames, equalsOne, operandsOf } from '../model/operand.ts'
import { equalFolded } from '../model/path-pattern.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

type HeaderSpec = { readonly [name: string]: OneOrMany<string> }
type Outcome = 'met' | 'missing' | 'repeated' | 'near_miss' | 'other' | 'unbound' | 'unknown'

/** Their values are secrets or have a condition of their own. */
const CLOSED: Readonly<Record<string, string>> = {
  authorization: 'A credential has conditions of its own; its value is a secret.',
  'proxy-authorization': 'A credential has conditions of its own; its value is a secret.',
  cookie: 'Cookies are secrets; a policy holds none.',
  host: 'Write host:.',
  upgrade: 'Write upgrade:.',
}

/** Only a value that every upstream must read alike is an answer: one line, no list, not equal but for letter case. */
const judgeHeader = (name: string, written: readonly string[], scope: CompileScope): ((facts: Facts) => Outcome) => {
  const wanted = operandsOf(written, scope)
  return (facts) => {
    if (facts.headers === UNKNOWN) return 'unknown'
    const [value, second] = facts.headers?.get(name) ?? []
    if (value === undefined) return 'missing'
    if (second !== undefined) return 'repeated'
    const found = equalsOne(wanted, value, facts)
    if (found === 1) return 'met'
    if (value.includes(',')) return 'repeated'
    if (found === -1) return 'unbound'
    return among(wanted, (text) => equalFolded(text, value), facts) === 0 ? 'other' : 'near_miss'
  }
}

export const header = defineCondition({
  key: 'header',
  place: 'what',
  about:
    'Each of these header fields has the value written, or one of them. A field that is missing, repeated, a list, or equal only without regard to letter case is unknown: the caller chose it.',
  schema: (kit) => {
    const text = kit
      .string()
      .regex(/^(?:[!-#%-~][ -~]{0,1022}[!-~]|[!-#%-~]|\$[a-z][a-z0-9_-]{0,63})$/, 'visible ASCII, or a $name captured in `what`')
    const name = kit.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/, 'a lower-case field name')
    return kit
      .record(name, oneOrMany(kit, text))
      .refine((fields) => Object.keys(fields).length > 0, 'at least one field with its value')
  },
  reads: ['headers'],
  reasons: {
    'header.missing': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The request lacks a header field this needs.',
      help: 'Send the field.',
    },
    'header.repeated': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'A header field came more than once.',
      help: 'Send it once, with one value.',
    },
    'header.near_miss': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'A header field differs from a known value only in letter case.',
      help: 'Check its spelling.',
    },
    'header.unbound': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The address does not say what this is about.',
      help: 'Check the spelling of the address.',
    },
    'header.other': {
      tri: 0,
      remedy: false,
      text: 'A header field has another value than this needs.',
      help: 'Check its value.',
    },
    'header.unknown': { tri: -1, remedy: false, text: 'The header fields are not known here.', help: 'Try again.' },
  },
  compile: (spec: HeaderSpec, scope, say) => {
    const judges = Object.keys(spec)
      .sort()
      .map((name) => judgeHeader(name, listOf(spec[name] as OneOrMany<string>), scope))
    const verdicts = {
      met: say('met'),
      missing: say('header.missing'),
      repeated: say('header.repeated'),
      near_miss: say('header.near_miss'),
      other: say('header.other'),
      unbound: say('header.unbound'),
      unknown: say('header.unknown'),
    }
    return (facts) => {
      let verdict = verdicts.met
      for (const judge of judges) {
        const found = verdicts[judge(facts)]
        if (found.tri === 0) return found
        if (verdict.tri === 1) verdict = found
      }
      return verdict
    }
  },
  sentence: (spec) =>
    `requests with ${inWords(
      Object.entries(spec).map(([name, value]) => `${name}: ${inWords(listOf(value))}`),
      'and',
    )}`,
  compares: (spec) => Object.values(spec).flatMap((value) => comparedNames(listOf(value))),
  faults: (spec) =>
    Object.keys(spec).flatMap((name) => {
      const help = CLOSED[name]
      return help === undefined ? [] : [{ code: 'header.closed', message: `no rule may look at ${name}`, help }]
    }),
  examples: {
    accepted: [{ 'x-environment': 'staging' }, { 'x-environment': ['staging', 'test'], 'x-tenant': '$tenant' }],
    refused: [
      { spec: 'x-environment', code: 'spec.invalid' },
      { spec: { 'X-Environment': 'staging' }, code: 'spec.invalid' },
      { spec: { 'x-environment': 3 }, code: 'spec.invalid' },
      { spec: { authorization: 'Bearer x' }, code: 'header.closed' },
    ],
    met: {},
    unmet: { headers: new Map([['x-environment', ['production']]]) },
    unknown: { headers: new Map() },
  },
})
