import {
  type ConditionExplained,
  type Decision,
  type Explanation,
  formatDuration,
  type Remedy,
  type RuleExplained,
} from '@balustrade/core/kit'
import { plain, STYLE } from './output.ts'

const noOlder = (ms: number | null): string => (ms === null ? '' : ` no longer than ${formatDuration(ms)} ago`)

const FACTORS = { any: 'a second factor', 'phishing-resistant': 'a phishing-resistant factor', hardware: 'a hardware factor' }

/** What the caller could do, in words. */
export const remedyText = ({ login, stepUp, acr, scopes }: Remedy): string =>
  [
    ...(login === undefined ? [] : [`log in${noOlder(login.maxAge)}`]),
    ...(stepUp === undefined ? [] : [`prove ${FACTORS[stepUp.level]}${noOlder(stepUp.maxAge)}`]),
    ...(acr === undefined ? [] : [`log in with acr ${acr.join(' or ')}`]),
    ...(scopes === undefined ? [] : [`obtain a credential with the scopes ${scopes.join(' ')}`]),
  ].join(', and ')

const conditionText = ({ condition, negated, result, code, remedy, reads }: ConditionExplained): string => {
  const name = `${negated ? 'not ' : ''}${condition}`
  if (result === 'met') return `${name}: met`
  const source = reads.length > 0 ? `; not known: ${reads.join(', ')}` : ''
  return `${name}: ${result} (${code})${remedy ? '; the caller can mend it' : ''}${source}`
}

/** Parts of a condition, each deeper than what it is a part of; what a text of the policy holds is shown as text. */
const partLines = ({ parts }: ConditionExplained, indent: string): readonly string[] =>
  (parts ?? []).map(({ text, value, depth }) => `${indent}${'  '.repeat(depth)}${plain(text)}: ${plain(value)}`)

const stoppedText = ({ stopped }: RuleExplained): string => (stopped === null ? '' : `, ${conditionText(stopped)}`)

const SELECTION: Readonly<Record<RuleExplained['selected'], string>> = {
  yes: 'selected',
  no: 'not selected',
  unknown: 'perhaps selected',
  'out of life': 'not in force at this time',
}

const TRIAL = { watched: ' (shadow)', over: ' (its shadow is over: it stays off)', none: '' } as const

const ruleLines = (rule: RuleExplained): readonly string[] => {
  const head = `  ${rule.kind} ${STYLE.strong(rule.rule)}${TRIAL[rule.shadow ?? 'none']}: ${SELECTION[rule.selected]}`
  if (rule.selected === 'out of life') return [head]
  const stopped = rule.stopped === null ? [] : partLines(rule.stopped, '      ')
  if (rule.selected === 'no') return [`${head}${stoppedText(rule)}`, ...stopped]
  return [
    `${head}${stoppedText(rule)}; what it demands is ${rule.demand}`,
    ...stopped,
    ...rule.demands.flatMap((demand) => [`      ${conditionText(demand)}`, ...partLines(demand, '        ')]),
    ...(rule.waivedBy.length > 0 ? [`      waived by ${rule.waivedBy.join(', ')}`] : []),
    ...(rule.waives.length > 0 ? [`      waives ${rule.waives.join(', ')}`] : []),
  ]
}

const reasonText = ({ code, rule }: Decision['reasons'][number]): string => (rule === undefined ? code : `${code} (${rule})`)

/** The decision, why, and what would mend it. */
export const decisionLines = ({ outcome, class: cls, rule, reasons, remedy, exceptions }: Decision): readonly string[] => [
  `decision: ${STYLE.strong(outcome)}${cls === null ? '' : ` (${cls})`}${rule === null ? '' : ` by ${rule}`}`,
  ...(reasons.length > 0 ? [`because: ${reasons.map(reasonText).join(', ')}`] : []),
  ...(remedy === null ? [] : [`the caller can: ${plain(remedyText(remedy))}`]),
  ...(exceptions.length > 0 ? [`exceptions used: ${exceptions.join(', ')}`] : []),
]

/** One screen: the decision, and each rule that is about the request with what kept it out or what it demands. */
export const explanationText = ({ decision, rules, elsewhere }: Explanation): string =>
  [
    ...decisionLines(decision),
    ...rules.flatMap((list, index) => [
      index === 0 ? 'rules about this request:' : 'for the person the agent acts for:',
      ...(list.length > 0 ? list.flatMap(ruleLines) : ['  none']),
    ]),
    `  (${elsewhere} about other requests)`,
  ].join('\n')
