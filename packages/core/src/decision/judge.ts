import type { Facts } from '../model/fact.ts'
import { isAlive, type Matched, type PlanRule } from '../plan/rule.ts'
import { withoutCredential } from './callers.ts'

/** How one judgement came out. `rule` null: not allowed. */
export interface Judged {
  readonly rule: PlanRule | null
  /** Allowed as the anonymous caller's request would be. */
  readonly open: boolean
  readonly exceptions: readonly PlanRule[]
}

/** One judgement: the facts, the rules they may concern, and how it came out. */
export interface Judgement {
  readonly facts: Facts
  readonly matched: Matched
  readonly judged: Judged
}

const NONE: readonly PlanRule[] = []
const REFUSED: Judged = { rule: null, open: false, exceptions: NONE }

const isSelected = (rule: PlanRule, facts: Facts): boolean => isAlive(rule, facts.now) && rule.select.tri(facts) === 1

/** The first by name of the rules that permit, among public entries alone or all. */
const firstPermit = (permits: readonly PlanRule[], facts: Facts, publicOnly: boolean): PlanRule | null => {
  let first: PlanRule | null = null
  for (const rule of permits) {
    if ((first !== null && rule.id > first.id) || (publicOnly && rule.kind !== 'public')) continue
    if (isSelected(rule, facts) && rule.how.tri(facts) === 1) first = rule
  }
  return first
}

export const permitFound = (permits: readonly PlanRule[], facts: Facts): boolean => firstPermit(permits, facts, false) !== null

/** A guardrail that is not known to leave this request alone. */
export const applies = (rule: PlanRule, facts: Facts): boolean => isAlive(rule, facts.now) && rule.select.tri(facts) !== 0

const isBreakGlass = ({ image }: PlanRule): boolean => image.register !== null && image.register.breakGlass !== null

/** Exceptions in force that waive a guardrail for this request. Break-glass is not used where another will do. */
export const waiversOf = (guardrail: PlanRule, exceptions: readonly PlanRule[], facts: Facts): readonly PlanRule[] => {
  if (exceptions.length === 0) return NONE
  const waivers = exceptions.filter(
    (rule) => rule.waives.has(guardrail.id) && isSelected(rule, facts) && rule.how.tri(facts) === 1,
  )
  if (waivers.length < 2) return waivers
  const ordinary = waivers.filter((rule) => !isBreakGlass(rule))
  return ordinary.length === 0 ? waivers : ordinary
}

/** The exceptions that were needed; null when a guardrail refuses. */
const passGuardrails = ({ guardrails, exceptions }: Matched, facts: Facts): readonly PlanRule[] | null => {
  let used = NONE
  for (const rule of guardrails) {
    if (!applies(rule, facts) || rule.how.tri(facts) === 1) continue
    const waivers = waiversOf(rule, exceptions, facts)
    if (waivers.length === 0) return null
    used = used.concat(waivers)
  }
  return used
}

/** judged(r): some grant or public entry permits and every guardrail is satisfied or waived. */
const judgeAsSent = (matched: Matched, facts: Facts, publicOnly: boolean): Judged => {
  const rule = firstPermit(matched.permits, facts, publicOnly)
  const exceptions = rule === null ? null : passGuardrails(matched, facts)
  return rule === null || exceptions === null ? REFUSED : { rule, exceptions, open: publicOnly }
}

const hasPublicEntry = ({ permits }: Matched): boolean => {
  for (const rule of permits) if (rule.kind === 'public') return true
  return false
}

/** allow(r): judged(r), or judged(r without its credential), because public means public. */
export const judge = (matched: Matched, facts: Facts): Judged => {
  const anonymous = facts.credential === null
  const sent = judgeAsSent(matched, facts, anonymous)
  if ((anonymous && sent.rule !== null) || !hasPublicEntry(matched)) return sent
  const without = judgeAsSent(matched, withoutCredential(facts), true)
  if (sent.rule === null) return without
  return without.rule === null ? sent : { ...sent, open: true }
}

/** Epoch ms from which time alone may change what these rules say. */
export const horizonOf = ({ permits, guardrails, exceptions }: Matched, facts: Facts): number =>
  earliest(exceptions, facts, earliest(guardrails, facts, earliest(permits, facts, Number.POSITIVE_INFINITY)))

const earliest = (rules: readonly PlanRule[], facts: Facts, before: number): number => {
  let least = before
  for (const rule of rules) {
    if (rule.horizon === null) continue
    const at = rule.horizon(facts)
    if (at < least) least = at
  }
  return least
}
