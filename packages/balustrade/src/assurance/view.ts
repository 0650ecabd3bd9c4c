import { ANONYMOUS, type Facts, type Method, type PlanRule, type Tri, UNIDENTIFIED, UNKNOWN } from '@balustrade/core/kit'
import { both, either, every, settled, some } from './tri.ts'
import { grants, selects, type World } from './world.ts'

/** Where a request goes. */
export interface Place {
  readonly method: Method
  readonly host: string
  /** The service that is meant: where two policies call it by different hosts, each is asked at its own. */
  readonly service: string
  /** Path as it stands in a URL. */
  readonly path: string
}

/** A place as one policy sees it: who calls, from where and with which fields is still open. */
export interface View {
  readonly world: World
  /** What is not settled by the place is unknown. */
  readonly open: Facts
  /** Enforced rules that may concern it, whatever the time. */
  readonly permits: readonly PlanRule[]
  readonly guardrails: readonly PlanRule[]
  readonly exceptions: readonly PlanRule[]
}

const segmentsOf = (path: string): readonly string[] => {
  const parts = path.slice(1).split('/').map(decodeURIComponent)
  return parts.at(-1) === '' ? parts.slice(0, -1) : parts
}

/** Null: no service of this policy claims the place. */
export const viewOf = (world: World, { method, host: common, service, path }: Place, now: number): View | null => {
  const { plan, enforced } = world
  const segments = segmentsOf(path)
  const host = world.hosts.own(common, service)
  const found = plan.serviceFor(host, segments)
  if (found === null) return null
  const open: Facts = {
    ...UNIDENTIFIED,
    now,
    service: found.name,
    host,
    method,
    path: { segments, trailingSlash: path.length > 1 && path.endsWith('/') },
    openings: null,
    headers: UNKNOWN,
    upgrade: UNKNOWN,
    address: UNKNOWN,
    operation: plan.operationFor(found.name, method, segments),
  }
  const matched = plan.match(open)
  // A match may hand out a rule in the form that leaves out what the index has seen to; here every rule is asked as written.
  const asWritten = (rules: readonly PlanRule[]) =>
    rules.flatMap(({ name }) => {
      const rule = enforced.get(name)
      return rule === undefined || rule.parts.what.tri(open) === 0 ? [] : [rule]
    })
  return {
    world,
    open,
    permits: asWritten(matched.permits),
    guardrails: asWritten(matched.guardrails),
    exceptions: asWritten(matched.exceptions),
  }
}

/** `final`: every fact is as it will be, so that a guardrail which may apply does. */
export type Ask = (view: View, facts: Facts, final: boolean) => Tri

const waived = (view: View, guardrail: PlanRule, facts: Facts): Tri =>
  some(view.exceptions, (rule) => (rule.waives.has(guardrail.id) ? grants(rule, facts) : 0))

/** The guardrail applies and is not satisfied, waived or not. */
export const refuses = (guardrail: PlanRule, facts: Facts, final: boolean): Tri => {
  const selected = selects(guardrail, facts)
  if (selected === 0) return 0
  const met = guardrail.how.tri(facts)
  if (met === 1) return 0
  return final || (selected === 1 && met === 0) ? 1 : -1
}

/** It leaves the request alone, is satisfied, or is waived. */
export const passes = (view: View, guardrail: PlanRule, { facts, final }: { facts: Facts; final: boolean }): Tri => {
  const refused = refuses(guardrail, facts, final)
  if (refused === 0) return 1
  const way = settled(waived(view, guardrail, facts), final)
  if (way === 1) return 1
  return refused === 1 ? way : -1
}

/** Guardrails that refuse and are not waived. */
export const blockers = (view: View, facts: Facts): readonly PlanRule[] =>
  view.guardrails.filter((rule) => passes(view, rule, { facts, final: true }) === 0)

/** Every guardrail is satisfied or waived. */
export const guarded: Ask = (view, facts, final) => every(view.guardrails, (rule) => passes(view, rule, { facts, final }))

const judged = (view: View, permits: readonly PlanRule[], { facts, final }: { facts: Facts; final: boolean }): Tri => {
  const permitted = settled(
    some(permits, (rule) => grants(rule, facts)),
    final,
  )
  return permitted === 0 ? 0 : both(permitted, guarded(view, facts, final))
}

/** The request is allowed, as sent or as anybody's. What decides in the end is the plan; this prunes. */
export const allows: Ask = (view, facts, final) => {
  const sent = judged(view, view.permits, { facts, final })
  const open = view.permits.filter(({ kind }) => kind === 'public')
  if (sent === 1 || open.length === 0) return sent
  return either(sent, judged(view, open, { facts: { ...facts, ...ANONYMOUS }, final }))
}
