// The meaning of the policy language told a second time, slowly and plainly, to hold the plan and the decision against. Never enforces.
import type { DenyClass, Outcome } from '../model/decision.ts'
import { ANONYMOUS, type CredentialKind, type Facts, UNKNOWN } from '../model/fact.ts'
import type { PolicyImage, RuleImage, RuleKind } from '../model/policy-image.ts'
import type { Reason } from '../model/reason.ts'
import { createRuleView, type RuleView, type Tri } from './reference-rule.ts'
import { type Attempt, attemptsFor, burdenOf } from './reference-remedies.ts'
import { hopesByLogin, hopesOfCaller, type Hopes } from './reference-hopes.ts'

export interface ReferenceAnswer {
  readonly outcome: Outcome
  readonly class: DenyClass | null
  readonly reasons: readonly Reason[]
  /** What the least burden weighs; null unless a challenge. */
  readonly burden: readonly number[] | null
  /** Everything of that burden that leads to an allow; nothing unless a challenge. */
  readonly attempts: readonly Attempt[]
  readonly rule: string | null
  readonly public: boolean
  readonly exceptions: readonly string[]
}

interface Judged {
  readonly rule: string | null
  readonly public: boolean
  readonly exceptions: readonly string[]
}

const first = (names: readonly string[]): string | null => names.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? null

const isBreakGlass = ({ rule }: RuleView): boolean => rule.register?.breakGlass != null

/** Break-glass is spared where another exception will do. */
const waiversOf = (guardrail: RuleView, rules: readonly RuleView[]): readonly RuleView[] => {
  const waivers = rules.filter(
    ({ rule, selects, how }) =>
      rule.kind === 'exception' && rule.names.includes(guardrail.rule.name) && selects === 1 && how === 1,
  )
  return waivers.every(isBreakGlass) ? waivers : waivers.filter((view) => !isBreakGlass(view))
}

const isHeld = (guardrail: RuleView): boolean => guardrail.selects === 0 || guardrail.how === 1

const judgeOnce = (views: readonly RuleView[]): Judged => {
  const refusing = views.filter((view) => view.rule.kind === 'guardrail' && !isHeld(view))
  const rule = first(
    views
      .filter(({ rule: { kind }, selects, how }) => (kind === 'grant' || kind === 'public') && selects === 1 && how === 1)
      .map((view) => view.rule.name),
  )
  const waivers = refusing.map((guardrail) => waiversOf(guardrail, views))
  const guarded = waivers.every((found) => found.length > 0)
  return { public: false, rule: guarded ? rule : null, exceptions: waivers.flat().map((view) => view.rule.name) }
}

const judge = (views: (facts: Facts) => readonly RuleView[], facts: Facts): Judged => {
  const sent = judgeOnce(views(facts))
  const without = judgeOnce(views({ ...facts, ...ANONYMOUS }))
  if (sent.rule === null) return { ...without, public: true }
  return { ...sent, public: without.rule !== null }
}

const text = ({ code, rule = '', condition = '' }: Reason): string => [code, rule, condition].join('\u0000')

const tidy = (reasons: readonly Reason[]): readonly Reason[] => {
  const byText = new Map(reasons.map((reason) => [text(reason), reason]))
  return [...byText.keys()]
    .sort()
    .slice(0, 16)
    .map((key) => byText.get(key) as Reason)
}

const guardrailReasons = (views: readonly RuleView[]): readonly Reason[] =>
  views
    .filter((view) => view.rule.kind === 'guardrail' && !isHeld(view) && waiversOf(view, views).length === 0)
    .flatMap((view) => view.against())

const callerReasons = (views: readonly RuleView[], facts: Facts, final: boolean): readonly Reason[] => {
  const guards = guardrailReasons(views)
  if (final && facts.credential === UNKNOWN && guards.length > 0) return guards
  const permits = views.filter(({ rule: { kind }, selects }) => (kind === 'grant' || kind === 'public') && selects !== 0)
  if (permits.some(({ selects, how }) => selects === 1 && how === 1)) return guards
  const reasons = permits.flatMap((view) => view.against())
  return [...guards, ...(reasons.length === 0 ? [{ code: 'grant.none' }] : reasons)]
}

const LOGIN_ONLY: Attempt = { login: { maxAge: null }, stepUp: null, acr: null, scopes: [] }

/** What may come of each kind of credential, and of which of them something may. */
interface Comers {
  readonly all: readonly Hopes[]
  readonly helped: readonly Hopes[]
}

const anonymousReasons = (views: readonly RuleView[], { all, helped }: Comers): readonly Reason[] => {
  const offered = helped.length > 0
  const asked = views.filter((view) => {
    if (view.rule.kind !== 'guardrail' || !view.alive) return false
    const asks = (hopes: Hopes): boolean => hopes.guardrail(view.rule, LOGIN_ONLY) !== 1
    return offered ? helped.every(asks) : all.some(asks)
  })
  return [...asked.flatMap((view) => view.against()), ...(offered ? [{ code: 'login.required' }] : [])]
}

/** Hope of each judgement under an attempt: 1 it allows, -1 it may once unknown facts are known, 0 it does not. */
interface Prospect {
  readonly hope: (attempt: Attempt) => Tri
  readonly reasons: (final: boolean) => readonly Reason[]
}

const order = (tri: Tri): number => [0, -1, 1].indexOf(tri)
const least = (values: readonly Tri[]): Tri => values.reduce((a, b) => (order(a) <= order(b) ? a : b), 1)
const most = (values: readonly Tri[]): Tri => values.reduce((a, b) => (order(a) >= order(b) ? a : b), 0)

interface Policy {
  readonly image: PolicyImage
  readonly rules: readonly RuleImage[]
  readonly attempts: readonly Attempt[]
}

const viewsOf = ({ rules, image }: Policy, facts: Facts): readonly RuleView[] =>
  rules.map((rule) => createRuleView(rule, image, facts))

const ofKinds = ({ rules }: Policy, ...kinds: readonly RuleKind[]): readonly RuleImage[] =>
  rules.filter(({ kind }) => kinds.includes(kind))

const pastGuardrails = (policy: Policy, hopes: Hopes, attempt: Attempt): Tri =>
  least(ofKinds(policy, 'guardrail').map((rule) => hopes.guardrail(rule, attempt)))

const NOTHING: Attempt = { login: null, stepUp: null, acr: null, scopes: [] }

/** The public may come to be allowed when unknown facts are known; nothing that anybody does changes it. */
const hopeOfPublic = (policy: Policy, facts: Facts): Tri => {
  const hopes = hopesOfCaller(policy.image, policy.rules, { ...facts, ...ANONYMOUS })
  const permitted = most(ofKinds(policy, 'public').map((rule) => hopes.permit(rule, NOTHING)))
  return least([permitted, pastGuardrails(policy, hopes, NOTHING)])
}

const KINDS: readonly CredentialKind[] = ['jwt', 'session', 'api-key']

const anonymousProspect = (policy: Policy, facts: Facts): Prospect => {
  const kinds = KINDS.filter((kind) => policy.image.services[facts.service]?.credentials.includes(kind))
  if (kinds.length === 0) {
    const unaided = hopeOfPublic(policy, facts)
    const ungranted = { ...policy, rules: policy.rules.filter(({ kind }) => kind !== 'grant') }
    return { hope: () => unaided, reasons: (final) => callerReasons(viewsOf(ungranted, facts), facts, final) }
  }
  const all = kinds.map((credential) => hopesByLogin({ ...policy, credential }, facts))
  const past = (hopes: Hopes, attempt: Attempt): Tri => (attempt.login === null ? 0 : pastGuardrails(policy, hopes, attempt))
  const helped = all.filter((hopes) => policy.attempts.some((attempt) => past(hopes, attempt) !== 0))
  return {
    hope: (attempt) => most(all.map((hopes) => past(hopes, attempt))),
    reasons: () => anonymousReasons(viewsOf(policy, facts), { all, helped }),
  }
}

const callerProspect = (policy: Policy, facts: Facts): Prospect => {
  const hopes = hopesOfCaller(policy.image, policy.rules, facts)
  const unaided = hopeOfPublic(policy, facts)
  const permits = ofKinds(policy, 'grant', 'public')
  const byLogin = KINDS.map((credential) => hopesByLogin({ ...policy, credential }, facts))
  // Nobody knows who calls: refused for good only if signing in would help nobody.
  const anybody =
    facts.credential === UNKNOWN &&
    policy.attempts.some((attempt) => byLogin.some((hopes) => pastGuardrails(policy, hopes, attempt) !== 0))
      ? -1
      : 0
  const hope = (attempt: Attempt): Tri => {
    if (facts.credential === UNKNOWN) return most([unaided, anybody])
    const granted = most(permits.map((rule) => hopes.permit(rule, attempt)))
    return most([unaided, least([pastGuardrails(policy, hopes, attempt), granted])])
  }
  return { hope, reasons: (final) => callerReasons(viewsOf(policy, facts), facts, final) }
}

const prospectOf = (policy: Policy, facts: Facts): Prospect => {
  const judged = judge((each) => viewsOf(policy, each), facts)
  if (judged.rule !== null && judged.public) return { hope: () => 1, reasons: () => [] }
  const prospect = facts.credential === null ? anonymousProspect(policy, facts) : callerProspect(policy, facts)
  return judged.rule === null ? prospect : { ...prospect, reasons: () => [] }
}

const NOT_ALLOWED = { attempts: [], rule: null, public: false, exceptions: [] }

const refuse = (policy: Policy, judgements: readonly Facts[]): ReferenceAnswer => {
  const prospects = judgements.map((facts) => prospectOf(policy, facts))
  const whole = (attempt: Attempt): Tri => (prospects.length === 0 ? 0 : least(prospects.map(({ hope }) => hope(attempt))))
  const best = policy.attempts.findIndex((attempt) => whole(attempt) === 1)
  const reasonsOf = (final: boolean) => tidy(prospects.flatMap(({ reasons }) => reasons(final)))
  if (best >= 0) {
    const burden = burdenOf(policy.attempts[best] as Attempt)
    const attempts = policy.attempts
      .slice(best)
      .filter((attempt) => burdenOf(attempt).every((weight, i) => weight === burden[i]) && whole(attempt) === 1)
    return { ...NOT_ALLOWED, outcome: 'challenge', class: null, reasons: reasonsOf(false), burden, attempts }
  }
  const maybe = policy.attempts.some((attempt) => whole(attempt) === -1)
  const final = !maybe && judgements.every(({ credential }) => credential === UNKNOWN)
  const reasons = judgements.length === 0 ? [{ code: 'grant.none' }] : reasonsOf(final)
  return { ...NOT_ALLOWED, outcome: 'deny', class: maybe ? 'unavailable' : 'forbidden', reasons, burden: null }
}

const allow = (judged: readonly Judged[]): ReferenceAnswer => ({
  outcome: 'allow',
  class: null,
  reasons: [],
  burden: null,
  attempts: [],
  rule: first(judged.flatMap(({ rule }) => rule ?? [])),
  public: judged.every((each) => each.public),
  exceptions: [...new Set(judged.flatMap(({ exceptions }) => exceptions))].sort(),
})

/** What is left of a rule when it is enforced: a guardrail in shadow begins where its trial ends, whatever else is in shadow never does. */
const enforcedForm = (rule: RuleImage): readonly RuleImage[] => {
  const { kind, shadow, from } = rule
  if (shadow === null) return [rule]
  const begins = from !== null && from > shadow.until ? from : shadow.until
  return kind === 'guardrail' ? [{ ...rule, from: begins, shadow: null }] : []
}

/** Decides as policy-language says, from the image alone: no index, no compiled condition, no algebra of remedies. */
export const createReference = (image: PolicyImage): ((judgements: readonly Facts[]) => ReferenceAnswer) => {
  const rules = image.rules.filter(({ kind }) => kind !== 'invariant').flatMap(enforcedForm)
  const policy: Policy = { image, rules, attempts: attemptsFor({ ...image, rules }) }
  return (judgements) => {
    const judged = judgements.map((facts) => judge((each) => viewsOf(policy, each), facts))
    const refused = judged.length === 0 || judged.some(({ rule }) => rule === null)
    return refused ? refuse(policy, judgements) : allow(judged)
  }
}
