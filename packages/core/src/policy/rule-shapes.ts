import type { RuleKind } from '../model/policy-image.ts'
import type { RuleBlock } from './document.ts'
import { choice, duration, list, type Located, located, maybe, need, raw, record, type RecordShape, text } from './shape.ts'
import type { Node } from './tree.ts'

/** A rule as written: the four keys as they stand, the rest read. Which of them a kind of rule has, its shape says. */
export interface WrittenRule {
  readonly who: Node | undefined
  readonly what: Node | undefined
  readonly when: Node | undefined
  readonly how: Node | undefined
  readonly from: Located<string> | undefined
  readonly until: Located<string> | undefined
  readonly shadow: WrittenShadow | undefined
  readonly help: string | undefined
  readonly satisfies: readonly string[] | undefined
  readonly waives: readonly Located<string>[] | undefined
  readonly except: readonly Located<string>[] | undefined
  readonly owner: Located<string> | undefined
  readonly 'approved-by': Located<string> | undefined
  readonly reason: string | undefined
  readonly ticket: string | undefined
  readonly review: Located<string> | undefined
  readonly standing: 'break-glass' | undefined
  readonly 'opens-for': number | undefined
  readonly alarm: string | undefined
  readonly 'drill-by': Located<string> | undefined
  readonly armed: WrittenArming | undefined
}

export interface WrittenArming {
  readonly at: Located<string>
  readonly by: Located<string>
}

export interface WrittenShadow {
  readonly owner: string
  readonly until: Located<string>
}

const HOUR = 3_600_000
const moment = located(text('a date such as 2026-12-04 or an instant such as 2026-12-04T10:00:00Z'))
/** To the second: a use on the day it is armed is before it or after it. */
const instant = located(text('an instant such as 2026-12-04T10:00:00Z', /^\d{4}-\d{2}-\d{2}T/))
const line = text('a line of text')
const names = list(located(text('the name of a rule')))

const formula = (kind: RuleKind, slot: string) => raw({ $ref: `#/$defs/${kind}-${slot}` })

const life = {
  from: maybe(moment),
  until: maybe(moment),
  shadow: maybe(record<WrittenShadow>('`shadow`', { owner: need(line), until: need(moment) })),
  satisfies: maybe(list(text('the name of a requirement, such as PCI-8.4.2', /^[A-Za-z0-9][A-Za-z0-9 .:_/()-]{0,99}$/))),
}

const selecting = (kind: RuleKind) => ({
  who: maybe(formula(kind, 'who')),
  what: maybe(formula(kind, 'what')),
  when: maybe(formula(kind, 'when')),
  how: maybe(formula(kind, 'how')),
})

const register = { owner: need(located(line)), 'approved-by': need(located(line)), reason: need(line), ticket: maybe(line) }

const shape = (of: string, fields: object): RecordShape<WrittenRule> =>
  record<WrittenRule>(of, fields as Parameters<typeof record<WrittenRule>>[1])

export const RULE_SHAPES: Readonly<Record<RuleKind, RecordShape<WrittenRule>>> = {
  grant: shape('a grant', {
    ...selecting('grant'),
    who: need(formula('grant', 'who')),
    what: need(formula('grant', 'what')),
    ...life,
  }),
  guardrail: shape('a guardrail', {
    ...selecting('guardrail'),
    how: need(formula('guardrail', 'how')),
    help: maybe(line),
    ...life,
  }),
  exception: shape('an exception', {
    ...selecting('exception'),
    who: need(formula('exception', 'who')),
    what: need(formula('exception', 'what')),
    waives: need(names),
    ...register,
    ...life,
    standing: maybe(choice(['break-glass'])),
    'opens-for': maybe(duration(8 * HOUR)),
    alarm: maybe(line),
    'drill-by': maybe(moment),
    armed: maybe(record<WrittenArming>('`armed`', { at: need(instant), by: need(located(line)) })),
  }),
  public: shape('a public entry', {
    what: need(formula('public', 'what')),
    when: maybe(formula('public', 'when')),
    how: maybe(formula('public', 'how')),
    ...register,
    review: need(moment),
    ...life,
  }),
  invariant: shape('an invariant', {
    ...selecting('invariant'),
    how: need(formula('invariant', 'how')),
    except: maybe(names),
    ...life,
  }),
}

export const KIND_OF: Readonly<Record<RuleBlock, RuleKind>> = {
  grants: 'grant',
  guardrails: 'guardrail',
  exceptions: 'exception',
  public: 'public',
  invariants: 'invariant',
}
