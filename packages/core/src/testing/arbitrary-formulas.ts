import fc from 'fast-check'
import type { Formula, RuleKind } from '../model/policy-image.ts'
import { type Slot, slotAt, slotOf } from './arbitrary-palette.ts'
import { CAPTURING, DEMANDS, idsOf, leafOf, specLeaf } from './arbitrary-specs.ts'

/** Only people can do something about these, or only a credential; `not` over them is an error. */
const REMEDIED = ['how.mfa', 'how.login', 'how.acr', 'how.scope']

const composed = (leaf: fc.Arbitrary<Formula>, negatable: fc.Arbitrary<Formula>): fc.Arbitrary<Formula> => {
  const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 5, arbitrary: leaf },
      { weight: 1, arbitrary: negatable.map((not) => ({ not })) },
      { weight: 1, arbitrary: fc.array(tie('formula'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })) },
      { weight: 2, arbitrary: fc.array(tie('formula'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    ),
  }))
  return formula
}

const formulaOf = (ids: readonly string[]): fc.Arbitrary<Formula> =>
  composed(leafOf(ids), composed(leafOf(ids.filter((id) => !REMEDIED.includes(id))), fc.constant({ all: [] })))

const maybe = (weight: number, formula: fc.Arbitrary<Formula>): fc.Arbitrary<Formula | null> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(null) }, { weight, arbitrary: formula })

const WHO = idsOf('who')
const WHAT = idsOf('what', 'any')

/** Nearly always met by some caller of `arbitraryFacts`, so that enough requests are allowed. */
const likelyWho: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'who.group', spec: 'customers' },
  { is: 'who.kind', spec: ['human', 'workload'] },
  { is: 'who.provider', spec: 'corp' },
  {
    any: [
      { is: 'who.workload', spec: 'settlement-batch' },
      { is: 'who.acting-for', spec: 'anyone' },
      { is: 'who.role', spec: 'editor' },
    ],
  },
)
const likelyWhat: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'what.path', spec: '/**' },
  { is: 'what.service', spec: ['payments', 'legacy', 'console'] },
  {
    any: [
      { is: 'what.method', spec: ['GET', 'POST', 'DELETE'] },
      { is: 'what.method', spec: 'write' },
    ],
  },
  {
    all: [
      { is: 'what.service', spec: ['payments', 'console', 'legacy'] },
      { is: 'what.path', spec: '/tenants/**' },
    ],
  },
)

const likelyHow: fc.Arbitrary<Formula> = fc.constantFrom<Formula>(
  { is: 'how.mfa', spec: 'any' },
  { is: 'circumstance.network', spec: ['home', 'office'] },
  {
    any: [
      { is: 'how.mfa', spec: 'any' },
      { is: 'who.kind', spec: ['workload', 'agent'] },
    ],
  },
  {
    any: [
      { is: 'how.login', spec: { 'max-age': '1h' } },
      { is: 'what.method', spec: 'read' },
    ],
  },
  {
    any: [
      { is: 'how.mfa', spec: 'any' },
      { is: 'what.method', spec: 'GET' },
    ],
  },
  { is: 'who.provider', spec: ['corp', 'partners'] },
)

export interface Blocks {
  readonly who: Formula | null
  readonly what: Formula | null
  readonly when: Formula | null
  readonly how: Formula | null
}

/** The same two conditions of the palette under `all` here and under `any` there. */
const pairOf = (slot: Slot): fc.Arbitrary<Formula> => {
  const parts = [slotAt(slot, 0), slotAt(slot, 1)]
  return fc.constantFrom<Formula>({ all: parts }, { any: parts })
}

const capturing: fc.Arbitrary<Formula> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...CAPTURING.map((spec) => specLeaf('what.path', spec))) },
  { weight: 1, arbitrary: fc.constant(specLeaf('what.host', '$tenant.pay.example.com')) },
)

const TIME = maybe(2, fc.oneof({ weight: 2, arbitrary: slotOf('time') }, formulaOf(idsOf('when'))))

const target = fc.oneof(
  { weight: 12, arbitrary: likelyWhat },
  { weight: 4, arbitrary: formulaOf(WHAT) },
  { weight: 2, arbitrary: pairOf('path') },
)

const demand = (rest: fc.Arbitrary<Formula>): fc.Arbitrary<Formula> =>
  fc.oneof(
    { weight: 6, arbitrary: rest },
    { weight: 2, arbitrary: pairOf('demand') },
    { weight: 1, arbitrary: slotOf('demand') },
    { weight: 3, arbitrary: slotOf('acr') },
  )

const granting = (kind: 'grant' | 'exception'): fc.Arbitrary<Blocks> => {
  const who = fc.oneof({ weight: 9, arbitrary: likelyWho }, { weight: 3, arbitrary: formulaOf(WHO) }, pairOf('who'))
  const how = maybe(kind === 'grant' ? 5 : 3, demand(formulaOf([...DEMANDS, ...WHO])))
  return fc.record({ who: kind === 'grant' ? who : maybe(8, who), what: target, when: TIME, how })
}

const opening: fc.Arbitrary<Blocks> = fc.record({
  who: fc.constant(null),
  what: fc.oneof({ weight: 4, arbitrary: formulaOf(WHAT) }, pairOf('path')),
  when: TIME,
  how: maybe(3, formulaOf(['circumstance.network', 'what.header'])),
})

const guarding: fc.Arbitrary<Blocks> = fc.record({
  who: maybe(4, formulaOf(WHO)),
  what: maybe(5, target),
  when: maybe(3, fc.oneof({ weight: 2, arbitrary: formulaOf(idsOf('when', 'circumstance', 'any')) }, slotOf('time'))),
  how: fc.oneof(
    { weight: 1, arbitrary: fc.constant<Formula>({ never: true }) },
    { weight: 8, arbitrary: likelyHow },
    { weight: 11, arbitrary: demand(formulaOf([...DEMANDS, ...WHO, ...WHAT])) },
  ),
})

/** `$name` bound in `what` and compared with elsewhere in the rule. */
const comparing = (kind: RuleKind): fc.Arbitrary<Blocks> =>
  fc
    .record({ who: likelyWho, what: capturing, when: TIME, bound: slotOf('bound'), how: likelyHow, inWho: fc.boolean() })
    .map(({ who, what, when, bound, how, inWho }) => {
      const other = kind === 'grant' ? who : null
      return { who: inWho ? bound : other, what, when, how: inWho ? (kind === 'grant' ? null : how) : bound }
    })

/** The blocks of a rule of a kind, as the language lets them stand, with slots for what the policy says more than once. */
export const blocksOf = (kind: RuleKind): fc.Arbitrary<Blocks> => {
  if (kind === 'public') return opening
  const plain = kind === 'grant' || kind === 'exception' ? granting(kind) : guarding
  return fc.oneof({ weight: 7, arbitrary: plain }, { weight: 1, arbitrary: comparing(kind) })
}
