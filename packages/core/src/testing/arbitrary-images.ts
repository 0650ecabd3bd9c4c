import fc from 'fast-check'
import type { Formula, PolicyImage, RegisterImage, RuleImage, RuleKind, ServiceImage } from '../model/policy-image.ts'
import { blocksOf } from './arbitrary-formulas.ts'
import { arbitraryPalette, fill, type Palette } from './arbitrary-palette.ts'
import { EXAMPLE_NOW, exampleImage } from './example-facts.ts'

const kiosk: ServiceImage = {
  ...(exampleImage.services['console'] as ServiceImage),
  hosts: ['kiosk.example.com'],
  credentials: [],
  providers: [],
}

const accepting = (name: string, credentials: ServiceImage['credentials']): ServiceImage => ({
  ...(exampleImage.services[name] as ServiceImage),
  credentials,
  login: credentials.includes('session') ? ['corp'] : [],
})

/**
 * The nouns that rules speak of. Services differ in the kinds of credential they accept; `kiosk` accepts none, so nobody can sign in
 * there.
 */
export const arbitraryBase: PolicyImage = {
  ...exampleImage,
  services: {
    payments: accepting('payments', ['jwt', 'session', 'api-key']),
    console: accepting('console', ['session']),
    legacy: accepting('legacy', ['jwt', 'session']),
    kiosk,
  },
}

const HOUR_MS = 3_600_000
const instant = (offsets: readonly number[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    fc.constantFrom(...offsets).map((hours) => EXAMPLE_NOW + hours * HOUR_MS),
  )

const register = {
  owner: 'a@example.com',
  approvedBy: 'b@example.com',
  reason: 'generated',
  ticket: null,
  review: null,
  breakGlass: null,
}

const glass = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.constant({
      opensFor: HOUR_MS,
      alarm: 'someone@example.com',
      drillBy: EXAMPLE_NOW,
      armed: { at: EXAMPLE_NOW - 24 * HOUR_MS, by: 'c@example.com' },
    }),
  },
)

const shadow = fc.oneof(
  { weight: 8, arbitrary: fc.constant(null) },
  // Far from over, over within the clocks of random facts, over at the instant of the examples, and long over.
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(EXAMPLE_NOW, HOUR_MS, 0, -24 * HOUR_MS)
      .map((later) => ({ owner: 'a@example.com', until: EXAMPLE_NOW + later })),
  },
)

const registerOf = (kind: RuleKind, breakGlass: RegisterImage['breakGlass']): RegisterImage | null => {
  if (kind === 'exception') return { ...register, breakGlass }
  return kind === 'public' ? register : null
}

const ruleOf = (kind: RuleKind, names: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Omit<RuleImage, 'name'>> =>
  fc
    .tuple(
      blocksOf(kind),
      instant([-2, 0, 2]),
      instant([-1, 0, 3]),
      fc.tuple(shadow, fc.constantFrom(null, 'Europe/Berlin', 'America/New_York'), names, glass),
    )
    .map(([blocks, from, until, [hidden, zone, waived, breakGlass]]) => ({
      ...blocks,
      kind,
      at: { file: 'generated.yaml', line: 1, column: 1 },
      zone,
      from,
      until: kind === 'exception' ? (until ?? EXAMPLE_NOW * 2) : until,
      shadow: kind === 'invariant' ? null : hidden,
      help: null,
      satisfies: [],
      names: waived,
      register: registerOf(kind, breakGlass),
    }))

const NOBODY = fc.constant<readonly string[]>([])
const SUFFIXES = [0, 1, 2, 3, 4]

/** Names interleave the kinds, so that no kind comes first. Guardrails are `<n>-guardrail`. */
const nameOf = (kind: RuleKind, place: number): string => `${(place * 6) % 17}-${kind}`

const rulesOf = (kind: RuleKind, most: number, names = NOBODY): fc.Arbitrary<readonly RuleImage[]> =>
  fc.array(ruleOf(kind, names), { maxLength: most }).map((rules) => rules.map((rule, i) => ({ ...rule, name: nameOf(kind, i) })))

const waived = fc
  .subarray(SUFFIXES, { minLength: 2, maxLength: 4 })
  .map((places) => places.map((place) => nameOf('guardrail', place)))

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : 1)

/** Now and then so many grants in one place that the plan tells them apart by who they are for. */
const grants = fc
  .oneof(
    { weight: 9, arbitrary: fc.array(ruleOf('grant', NOBODY), { minLength: 5, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.array(ruleOf('grant', NOBODY), { minLength: 12, maxLength: 16 }) },
  )
  .map((rules) => rules.map((rule, i) => ({ ...rule, name: nameOf('grant', i) })))

const written = (rule: RuleImage, palette: Palette): RuleImage => {
  const block = (formula: Formula | null) => (formula === null ? null : fill(formula, palette))
  return { ...rule, who: block(rule.who), what: block(rule.what), when: block(rule.when), how: block(rule.how) }
}

/** Policy images with rules of every kind, conditions of every key, composed, in shadow, with lives, captures and waivers. */
export const arbitraryImage: fc.Arbitrary<PolicyImage> = fc
  .tuple(
    arbitraryPalette,
    fc.tuple(grants, rulesOf('guardrail', 4), rulesOf('exception', 3, waived), rulesOf('public', 1), rulesOf('invariant', 1)),
  )
  .map(([palette, kinds]) => ({
    ...arbitraryBase,
    rules: kinds
      .flat()
      .map((rule) => written(rule, palette))
      .toSorted(byName),
  }))

/** One rule of a kind, as `arbitraryImage` makes them, under a name that no image has. */
export const arbitraryRule = (kind: RuleKind): fc.Arbitrary<RuleImage> =>
  fc
    .tuple(arbitraryPalette, ruleOf(kind, NOBODY), fc.constantFrom('00-added', '5-added', 'z-added'))
    .map(([palette, rule, name]) => written({ ...rule, name, shadow: null }, palette))
