import {
  type Outcome,
  type PolicyImage,
  type RuleImage,
  type RuleKind,
  type SourcePosition,
  trialOf,
  type Witness,
} from '@balustrade/core/kit'
import { searchReport, type SearchReport } from './assurance.ts'
import { createBudget, MOST_JUDGEMENTS } from './budget.ts'
import { type Bypass, findBypasses } from './bypassed-demands.ts'
import { type ChangedRule, changedRules, unjudgedChanges } from './changed-rules.ts'
import { findDifference, type Pair } from './difference.ts'
import { type Draft, judgeDraft, witnessOf } from './draft.ts'
import { createInspection } from './inspection.ts'
import { createWorld } from './world.ts'

/** `unjudged`: it differs, and requests cannot tell what it comes to. */
export type Weight = 'weakening' | 'strengthening' | 'information' | 'unjudged'

export interface Change {
  readonly weight: Weight
  /** Kind of rule and what became of it, such as `guardrail.removed`. */
  readonly code: string
  readonly message: string
  /** Where the rule stands: in the new policy, or in the base where it is no more. Null for declarations. */
  readonly at: SourcePosition | null
  readonly in: 'base' | 'policy'
  /** A request that is decided otherwise, as a case of the new policy. */
  readonly witness: Witness | null
  /** What the base makes of that request. */
  readonly before: Outcome | null
}

export interface Comparison {
  readonly changes: readonly Change[]
  readonly search: SearchReport
}

/** What became of a rule, by whether it was and is in force. */
const fateOf = ({ before, after }: ChangedRule, now: number): string => {
  const was = before === null ? null : trialOf(before, now)
  if (after === null) return 'removed'
  if (trialOf(after, now) !== null) return before !== null && was === null ? 'in_shadow' : 'changed'
  if (before === null) return 'added'
  return was === null ? 'changed' : 'enforced'
}

const VERBS: Readonly<Record<string, string>> = {
  removed: 'is gone',
  in_shadow: 'is only watched from now on',
  added: 'is new',
  bypasses: 'is new',
  enforced: 'is in force from now on',
  changed: 'has changed',
  wider: 'allows more than before',
  narrower: 'asks less than before',
}

const NOUN: Readonly<Record<RuleKind, string>> = {
  grant: 'grant',
  guardrail: 'guardrail',
  exception: 'exception',
  public: 'public entry',
  invariant: 'invariant',
}

const AFTER: Readonly<Record<Exclude<Weight, 'unjudged'>, string>> = {
  weakening: 'a request that was refused is allowed',
  strengthening: 'a request that was allowed is refused',
  information: 'no request was found that is decided otherwise',
}

interface Setup {
  readonly base: Pair['closed']
  readonly head: Pair['closed']
}

interface Told {
  readonly weight: Exclude<Weight, 'unjudged'>
  readonly fate: string
  readonly draft: Draft | null
  /** In place of what the weight says of every change. */
  readonly text?: string
}

const tell = ({ base, head }: Setup, changed: ChangedRule, { weight, fate, draft, text }: Told): Change => {
  const rule = (changed.after ?? changed.before) as RuleImage
  const message = `The ${NOUN[rule.kind]} '${rule.name}' ${VERBS[fate] ?? fate}: ${text ?? AFTER[weight]}.`
  const shared = { weight, code: `${rule.kind}.${fate}`, message, at: rule.at } as const
  const place = { in: changed.after === null ? 'base' : 'policy' } as const
  if (draft === null) return { ...shared, ...place, witness: null, before: null }
  const [before, after] = [base, head].map(({ world }) => judgeDraft(world, draft).decision.outcome) as [Outcome, Outcome]
  const note = `${rule.name}: ${before} before, ${after} now`
  return { ...shared, ...place, witness: witnessOf(draft, note, after), before }
}

const suspectOf = ({ name, before, after }: ChangedRule, { base, head }: Setup) => ({
  base: before === null ? null : (base.world.enforced.get(name) ?? null),
  head: after === null ? null : (head.world.enforced.get(name) ?? null),
})

/** A grant that is new lets in whom it is for: that is what it was written for, unless it lets another's demand go. */
const tellNewGrant = (setup: Setup, changed: ChangedRule, loosened: Draft): Change => {
  const bypass = findBypasses(setup.head, (lax) => lax.name === changed.name).find(
    ({ draft }: Bypass) => judgeDraft(setup.base.world, draft).decision.outcome !== 'allow',
  )
  const fate = fateOf(changed, setup.head.now)
  if (bypass === undefined) {
    return tell(setup, changed, { weight: 'information', fate, draft: loosened, text: 'whom it is for is let in' })
  }
  const text = `what '${bypass.strict.name}' asks for can be left out`
  return tell(setup, changed, { weight: 'weakening', fate: 'bypasses', draft: bypass.draft, text })
}

const LOOSE: Readonly<Record<RuleKind, string>> = {
  grant: 'wider',
  public: 'wider',
  exception: 'wider',
  guardrail: 'narrower',
  invariant: 'changed',
}

const tellLoosened = (setup: Setup, changed: ChangedRule, loosened: Draft): Change => {
  const kind = (changed.after ?? changed.before)?.kind ?? 'grant'
  const fate = fateOf(changed, setup.head.now)
  if (kind === 'grant' && suspectOf(changed, setup).base === null) return tellNewGrant(setup, changed, loosened)
  return tell(setup, changed, { weight: 'weakening', fate: fate === 'changed' ? LOOSE[kind] : fate, draft: loosened })
}

const tellOf = (setup: Setup, changed: ChangedRule): readonly Change[] => {
  const { base, head } = suspectOf(changed, setup)
  const loosened = findDifference({ closed: setup.base, open: setup.head }, { closed: base, open: head })
  const tightened = findDifference({ closed: setup.head, open: setup.base }, { closed: head, open: base })
  const fate = fateOf(changed, setup.head.now)
  const told = [
    ...(loosened === null ? [] : [tellLoosened(setup, changed, loosened)]),
    ...(tightened === null ? [] : [tell(setup, changed, { weight: 'strengthening', fate, draft: tightened })]),
  ]
  return told.length > 0 ? told : [tell(setup, changed, { weight: 'information', fate, draft: null })]
}

const unjudged = (path: string): Change => ({
  weight: 'unjudged',
  code: 'declaration.changed',
  message: `${path} is declared otherwise; requests cannot tell what that comes to.`,
  at: null,
  in: 'policy',
  witness: null,
  before: null,
})

const ORDER: readonly Weight[] = ['weakening', 'strengthening', 'information', 'unjudged']

/**
 * Compares a policy with the one it is to replace. A change of the texts is a candidate; what it comes to is decided by judging
 * requests with both. A search for witnesses, not a proof that there are no others. `now`: epoch ms from which times are looked at.
 */
export const comparePolicies = (base: PolicyImage, head: PolicyImage, now: number): Comparison => {
  const budget = createBudget(MOST_JUDGEMENTS)
  const setup: Setup = {
    base: createInspection(createWorld(base), now, budget),
    head: createInspection(createWorld(head), now, budget),
  }
  const changes = [
    ...changedRules(base, head).flatMap((changed) => tellOf(setup, changed)),
    ...unjudgedChanges(base, head).map(unjudged),
  ]
  return {
    changes: changes.toSorted((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight)),
    search: searchReport(budget),
  }
}
