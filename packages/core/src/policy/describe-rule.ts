import { formatInstant } from '../lib/civil.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Condition, Spec } from '../model/condition.ts'
import type { BreakGlassImage, Formula, RuleImage } from '../model/policy-image.ts'

type ById = ReadonlyMap<string, Condition>

/** The slot a formula stands in: conditions of another place need a word before their sentence there. */
type Slot = 'who' | 'what' | 'when' | 'how'

interface Words {
  readonly conditions: ById
  readonly slot: Slot
}

/** What stands before the sentence of a condition that may stand in every place. */
const OF_ANY_PLACE = { who: 'for whom', what: 'whatever it is where' } as const

const atomInWords = (is: string, spec: Spec, { conditions, slot }: Words): string => {
  const condition = conditions.get(is)
  if (condition === undefined) return is
  const sentence = condition.sentence(spec)
  if (condition.place === 'any') return slot === 'who' || slot === 'what' ? `${OF_ANY_PLACE[slot]} ${sentence}` : sentence
  if (condition.place === 'who' && slot !== 'who') return `the caller ${sentence}`
  return condition.place === 'what' && slot !== 'what' ? `it is about ${sentence}` : sentence
}

/** A formula in words; what is composed within another is bracketed, so that the words cannot be read two ways. */
const inWords = (formula: Formula, words: Words, inner = false): string => {
  if ('is' in formula) return atomInWords(formula.is, formula.spec, words)
  if ('never' in formula) return 'never'
  if ('not' in formula) return `not (${inWords(formula.not, words)})`
  const parts = 'all' in formula ? formula.all : formula.any
  const between = 'any' in formula ? ', or ' : words.slot === 'what' ? ', ' : ', and '
  const text = parts.map((part) => inWords(part, words, true)).join(between)
  return inner ? `(${text})` : text
}

const BEFORE: Readonly<Record<Slot, string>> = { who: 'who', what: 'for', when: 'when', how: 'if' }

const clause = (slot: Slot, formula: Formula | null, conditions: ById): string =>
  formula === null ? '' : ` ${BEFORE[slot]} ${inWords(formula, { conditions, slot })}`

const unless = (formula: Formula | null, conditions: ById): string =>
  formula === null ? '' : ` unless ${inWords(formula, { conditions, slot: 'how' })}`

/** Who, for what, and when: what selects. */
const scopeOf = (rule: RuleImage, conditions: ById, everybody: string): string => {
  const who = rule.who === null ? everybody : `a caller${clause('who', rule.who, conditions)}`
  return `${who}${clause('what', rule.what, conditions)}${clause('when', rule.when, conditions)}`
}

const isNever = (formula: Formula | null): boolean => formula !== null && 'never' in formula

const describeInvariant = (rule: RuleImage, conditions: ById): string => {
  const scope = scopeOf(rule, conditions, 'anyone')
  const except = rule.names.length === 0 ? '' : `, except by ${rule.names.join(' or ')}`
  if (isNever(rule.how)) return `Claims that nothing allows ${scope}${except}`
  return `Claims that whatever allows ${scope} does so only${clause('how', rule.how, conditions)}${except}`
}

const LEAD: Readonly<Record<RuleImage['kind'], (rule: RuleImage, conditions: ById) => string>> = {
  grant: (rule, conditions) => `Allows ${scopeOf(rule, conditions, 'nobody')}${clause('how', rule.how, conditions)}`,
  guardrail: (rule, conditions) =>
    `Refuses ${scopeOf(rule, conditions, 'everyone')}${isNever(rule.how) ? '' : unless(rule.how, conditions)}`,
  exception: (rule, conditions) =>
    `Waives ${rule.names.join(' and ')} for ${scopeOf(rule, conditions, 'nobody')}${clause('how', rule.how, conditions)}`,
  public: (rule, conditions) =>
    `Allows ${scopeOf(rule, conditions, 'anyone, signed in or not,')}${clause('how', rule.how, conditions)}`,
  invariant: describeInvariant,
}

const lifeOf = (rule: RuleImage): string => {
  const from = rule.from === null ? '' : `, from ${formatInstant(rule.from)}`
  return `${from}${rule.until === null ? '' : `, until ${formatInstant(rule.until)}`}`
}

const shadowOf = ({ kind, shadow }: RuleImage): string => {
  if (shadow === null) return ''
  const after = kind === 'guardrail' ? 'and enforced from then on' : 'and off from then on'
  return ` Until ${formatInstant(shadow.until)} it is only watched, ${after}; ${shadow.owner} answers for that.`
}

const standingOf = ({ opensFor, armed }: BreakGlassImage): string =>
  ` It stands for emergencies: ${armed.by} armed it ${formatInstant(armed.at)}, and it is open for ${formatDuration(opensFor)} from its first use since, then closed.`

const registerOf = (rule: RuleImage): string => {
  const { register } = rule
  if (register === null) return ''
  const standing = register.breakGlass === null ? '' : standingOf(register.breakGlass)
  return ` ${register.owner} answers for it, approved by ${register.approvedBy}: ${register.reason}.${standing}`
}

/** One rule in plain English. */
export const describeRule = (rule: RuleImage, conditions: readonly Condition[]): string => {
  const byId: ById = new Map(conditions.map((condition) => [`${condition.place}.${condition.key}`, condition]))
  return `${LEAD[rule.kind](rule, byId)}${lifeOf(rule)}.${registerOf(rule)}${shadowOf(rule)}`
}
