import { type ConditionExplained, type Explanation, formatDuration, type Remedy, type RuleExplained } from '@balustrade/core/kit'

const age = (ms: number | null): string => (ms === null ? '' : ` no older than ${formatDuration(ms)}`)

/** What the caller could do, in words. */
export const remedyText = (remedy: Remedy): string => {
  const parts: string[] = []
  if (remedy.login !== undefined) parts.push(`log in${age(remedy.login.maxAge)}`)
  if (remedy.stepUp !== undefined)
    parts.push(
      `prove ${remedy.stepUp.level === 'any' ? 'a second' : `a ${remedy.stepUp.level}`} factor${age(remedy.stepUp.maxAge)}`,
    )
  if (remedy.acr !== undefined) parts.push(`log in with acr ${remedy.acr.join(' or ')}`)
  if (remedy.scopes !== undefined) parts.push(`obtain the scopes ${remedy.scopes.join(' ')}`)
  return parts.join('; ')
}

const conditionText = (condition: ConditionExplained): string => {
  const name = `${condition.negated ? 'not ' : ''}${condition.condition}`
  const why = condition.result === 'met' ? '' : ` (${condition.code})`
  const source = condition.reads.length > 0 ? `, unknown: ${condition.reads.join(', ')}` : ''
  return `${name}: ${condition.result}${why}${condition.remedy ? ', has a remedy' : ''}${source}`
}

const ruleLines = (rule: RuleExplained): readonly string[] => {
  const head = `  ${rule.kind} ${rule.rule}${rule.shadow ? ' (shadow)' : ''}`
  if (rule.selected === 'out of life') return [`${head}: not in force at this time`]
  if (rule.selected === 'no') return [`${head}: not selected, ${rule.stopped === null ? '' : conditionText(rule.stopped)}`]
  const selected =
    rule.selected === 'yes' ? 'selected' : `may be selected, ${rule.stopped === null ? '' : conditionText(rule.stopped)}`
  const demands = rule.demands.map((demand) => `      ${conditionText(demand)}`)
  const waived = rule.waivedBy.length > 0 ? [`      waived by ${rule.waivedBy.join(', ')}`] : []
  const waives = rule.waives.length > 0 ? [`      waives ${rule.waives.join(', ')}`] : []
  return [`${head}: ${selected}, demand ${rule.demand}`, ...demands, ...waived, ...waives]
}

/** One screen: the decision, what would mend it, and each rule that is about the request. */
export const renderExplanation = ({ decision, rules, elsewhere }: Explanation): string => {
  const reasons = decision.reasons.map(({ code, rule }) => (rule === undefined ? code : `${code} (${rule})`))
  return [
    `decision: ${decision.outcome}${decision.class === null ? '' : ` (${decision.class})`}${decision.rule === null ? '' : ` by ${decision.rule}`}`,
    ...(reasons.length > 0 ? [`because: ${reasons.join(', ')}`] : []),
    ...(decision.remedy === null ? [] : [`would be allowed after: ${remedyText(decision.remedy)}`]),
    ...(decision.exceptions.length > 0 ? [`exceptions used: ${decision.exceptions.join(', ')}`] : []),
    ...rules.flatMap((list, index) => [
      index === 0 ? 'rules about this request:' : 'for the person it acts for:',
      ...list.flatMap(ruleLines),
    ]),
    `  and ${elsewhere} rules about other requests`,
  ].join('\n')
}
