import { formatDuration } from '../lib/duration.ts'
import type { BreakGlassImage, RegisterImage, RuleImage, RuleKind } from '../model/policy-image.ts'
import type { Bundle } from './bundle.ts'
import type { WrittenRule } from './rule-shapes.ts'
import type { Located } from './shape.ts'
import type { Span } from './source.ts'
import type { Node } from './tree.ts'
import { readDue, readMoment, type Zones } from './zones.ts'
import type { Reporter } from './reporter.ts'

const HOUR = 3_600_000

interface Subject {
  readonly kind: RuleKind
  readonly name: string
  readonly at: Span
  readonly node: Node
  readonly written: Partial<WrittenRule>
}

interface TimeScope {
  readonly zone: string | null
  readonly zones: Zones
  readonly to: Reporter
}

/** Half-open life of the rule. */
export const readLife = (rule: Subject, scope: TimeScope): Pick<RuleImage, 'from' | 'until'> => {
  const { from, until } = rule.written
  const life = {
    from: from === undefined ? null : readMoment(from, 'begin', scope),
    until: until === undefined ? null : readMoment(until, 'end', scope),
  }
  if (until !== undefined && life.from !== null && life.until !== null && life.until <= life.from) {
    scope.to.report('life.empty', until.at)
  }
  return life
}

export const readShadow = (rule: Subject, scope: TimeScope, bundle: Bundle): RuleImage['shadow'] => {
  const { shadow } = rule.written
  if (shadow === undefined) return null
  const until = readMoment(shadow.until, 'end', scope)
  if (until === null) return null
  const most = bundle.bounds.shadow
  // Counted from now: a shadow has no beginning of its own.
  if (until > bundle.now + most) bundle.to.report('shadow.too_long', shadow.until.at, { most: formatDuration(most) })
  if (until <= bundle.now) {
    const state = rule.kind === 'guardrail' ? 'the guardrail is enforced' : 'the rule is neither watched nor in force'
    bundle.to.report('shadow.expired', shadow.until.at, { name: rule.name, state })
  }
  return { owner: shadow.owner, until }
}

const isSame = (a: Located<string> | undefined, b: Located<string> | undefined): boolean =>
  a !== undefined && b !== undefined && a.value.trim().toLowerCase() === b.value.trim().toLowerCase()

const checkApproval = (rule: Subject, to: Reporter): void => {
  const { owner, 'approved-by': approver, armed } = rule.written
  if (approver !== undefined && isSame(owner, approver)) {
    to.report('register.self_approved', approver.at, { owner: owner?.value ?? '' })
  }
  if (armed !== undefined && isSame(owner, armed.by)) {
    to.report('breakglass.self_armed', armed.by.at, { owner: owner?.value ?? '' })
  }
}

const STANDING_KEYS = ['opens-for', 'alarm', 'drill-by', 'armed'] as const

const checkStanding = (rule: Subject, to: Reporter): void => {
  const standing = rule.written.standing !== undefined
  for (const key of STANDING_KEYS) {
    const entry = rule.node.kind === 'map' ? rule.node.entries.get(key) : undefined
    if (standing && entry === undefined) to.report('key.missing', rule.node, { key, of: 'a break-glass exception' })
    if (!standing && entry !== undefined) to.report('breakglass.not_standing', entry.at, { key })
  }
  const { until } = rule.written
  if (standing && until !== undefined) to.report('breakglass.until', until.at)
}

const readDrill = (rule: Subject, scope: TimeScope, now: number): number | null => {
  const drill = rule.written['drill-by']
  const drillBy = drill === undefined ? null : readDue(drill, scope)
  if (drill !== undefined && drillBy !== null && drillBy <= now) {
    scope.to.report('breakglass.drill_past', drill.at, { name: rule.name })
  }
  return drillBy
}

const readArming = ({ written: { armed } }: Subject, scope: TimeScope): BreakGlassImage['armed'] | null => {
  const at = armed === undefined ? null : readMoment(armed.at, 'begin', scope)
  return armed === undefined || at === null ? null : { at, by: armed.by.value }
}

const breakGlassOf = (rule: Subject, scope: TimeScope, now: number): RegisterImage['breakGlass'] => {
  checkStanding(rule, scope.to)
  const { standing, alarm, 'opens-for': opensFor } = rule.written
  if (standing === undefined) return null
  const drillBy = readDrill(rule, scope, now)
  const armed = readArming(rule, scope)
  return opensFor === undefined || alarm === undefined || drillBy === null || armed === null
    ? null
    : { opensFor, alarm, drillBy, armed }
}

const checkReview = (rule: Subject, scope: TimeScope, now: number): number | null => {
  const { review } = rule.written
  if (review === undefined) return null
  const due = readDue(review, scope)
  if (due !== null && due <= now) scope.to.report('public.review_past', review.at, { name: rule.name })
  return due
}

/** Who answers for an exception or a public entry; null for other rules, and when something of it was refused. */
export const readRegister = (rule: Subject, scope: TimeScope, bundle: Bundle): RegisterImage | null => {
  if (rule.kind !== 'exception' && rule.kind !== 'public') return null
  const { owner, 'approved-by': approver, reason, ticket } = rule.written
  checkApproval(rule, scope.to)
  const review = checkReview(rule, scope, bundle.now)
  const breakGlass = rule.kind === 'exception' ? breakGlassOf(rule, scope, bundle.now) : null
  if (owner === undefined || approver === undefined || reason === undefined) return null
  return { owner: owner.value, approvedBy: approver.value, reason, ticket: ticket ?? null, review, breakGlass }
}

const checkBothEnds = (rule: Subject, to: Reporter): void => {
  if (rule.node.kind !== 'map') return
  for (const key of ['from', 'until']) {
    if (!rule.node.entries.has(key)) to.report('key.missing', rule.node, { key, of: 'an exception' })
  }
}

/** An exception begins and ends, at most `bounds.exception` apart; a standing one opens and closes instead. */
export const checkExceptionLife = (rule: Subject & { readonly image: RuleImage }, bundle: Bundle): void => {
  if (rule.kind !== 'exception' || rule.written.standing !== undefined) return
  checkBothEnds(rule, bundle.to)
  const { until } = rule.written
  const { from: begins, until: ends } = rule.image
  if (until === undefined || ends === null || begins === null) return
  const most = bundle.bounds.exception
  // When clocks are set back within it, a life of whole days is an hour longer than its dates say.
  if (ends - begins > most + HOUR) bundle.to.report('exception.too_long', until.at, { most: formatDuration(most) })
  if (ends <= bundle.now) bundle.to.report('exception.expired', until.at, { name: rule.name })
}
