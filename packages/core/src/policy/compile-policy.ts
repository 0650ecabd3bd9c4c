import type { Condition } from '../model/condition.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { FactName } from '../model/fact.ts'
import type { PolicyImage, RuleImage, RuleKind } from '../model/policy-image.ts'
import type { Bundle } from './bundle.ts'
import { type PolicyCase, type PolicyMatrix, readCases, readMatrices } from './cases.ts'
import { createConditionCatalogue } from './condition-catalogue.ts'
import { declaredNames, refuseDuplicate } from './declared.ts'
import type { DocumentCache } from './document-cache.ts'
import { type PolicyDocument, RULE_BLOCKS } from './document.ts'
import { createNamedConditions } from './named-conditions.ts'
import { type NounScope, readBounds, readNouns } from './nouns.ts'
import { type OpenBundle, openBundle } from './open-bundle.ts'
import { readOperations } from './openapi.ts'
import { createReporter, type Reporter, suggest } from './reporter.ts'
import { type ReadRule, readRule } from './rule.ts'
import { checkRule, type NamesContext } from './rule-checks.ts'
import { KIND_OF } from './rule-shapes.ts'
import { underOf } from './services.ts'
import { acceptName, NAME, refuseType } from './shape.ts'
import { openSource, type PolicyFile, type Span, spanOf } from './source.ts'
import type { Entry } from './tree.ts'
import { warnAbout } from './warnings.ts'
import { createZones } from './zones.ts'

export interface CompileOptions {
  readonly conditions: readonly Condition[]
  /** Name of the overlay in `environments/` whose values are in force; left out: the policy's own values. */
  readonly environment?: string
  /** What was read before; left out: everything is read. */
  readonly documents?: DocumentCache
  /** Epoch ms: what is expired, due or too far off is judged by it. The image does not depend on it. */
  readonly now: number
  /** Facts the enforcement points provide; left out: all of them. */
  readonly facts?: readonly FactName[]
}

export interface CompiledPolicy {
  /** null when any diagnostic is an error. */
  readonly image: PolicyImage | null
  readonly diagnostics: readonly Diagnostic[]
  readonly cases: readonly PolicyCase[]
  readonly matrices: readonly PolicyMatrix[]
  /** Names of the overlays there are, sorted. */
  readonly environments: readonly string[]
}

const MAX_RULES = 50_000

/** One rule block of one document. */
interface RuleEntries {
  readonly document: PolicyDocument
  readonly kind: RuleKind
  readonly entries: readonly Entry[]
}

const ruleEntries = (bundle: Bundle): readonly RuleEntries[] =>
  bundle.documents.flatMap((document) =>
    RULE_BLOCKS.flatMap((block) => {
      const node = document.block(block)
      if (node === undefined) return []
      if (node.kind === 'map') return [{ document, kind: KIND_OF[block], entries: [...node.entries.values()] }]
      refuseType(node, bundle.to, 'a map of rules keyed by name')
      return []
    }),
  )

/** Kind of every rule by name; a name that stands twice is refused. */
const kindsOf = (blocks: readonly RuleEntries[], to: Reporter): ReadonlyMap<string, RuleKind> => {
  const kinds = new Map<string, RuleKind>()
  const places = new Map<string, Span>()
  for (const { kind, entries } of blocks) {
    for (const { key, at } of entries) {
      const first = places.get(key)
      acceptName({ name: key, at }, NAME, to)
      if (first !== undefined) refuseDuplicate(first, { name: key, at, what: 'rule' }, to)
      places.set(key, first ?? at)
      kinds.set(key, kind)
    }
  }
  return kinds
}

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const readRules = (bundle: Bundle): readonly ReadRule[] => {
  const blocks = ruleEntries(bundle)
  const context: NamesContext = { bundle, kinds: kindsOf(blocks, bundle.to) }
  const over = blocks.flatMap((block) => block.entries)[MAX_RULES]
  if (over !== undefined) {
    bundle.to.report('policy.too_many_rules', over.at, { most: MAX_RULES })
    return []
  }
  const rules = blocks.flatMap(({ document, kind, entries }) =>
    entries.flatMap((entry) => readRule(entry, { kind, document, bundle }) ?? []),
  )
  for (const rule of rules) {
    checkRule(rule, context)
    warnAbout(rule, bundle)
  }
  return rules
}

const checkHeadings = (bundle: Bundle): void => {
  for (const { service, zone } of bundle.documents) {
    if (zone !== null) bundle.zones.of(zone.name, zone.at)
    const known = bundle.declared.get('service')
    if (service !== null && known?.has(service.name) !== true) {
      bundle.to.report('name.unknown', service.at, {
        noun: 'service',
        name: service.name,
        help: suggest(service.name, known ?? []) || undefined,
      })
    }
  }
}

const createBundle = (open: OpenBundle, options: CompileOptions, to: Reporter): Bundle => {
  const { documents, attachments } = open
  const catalogue = createConditionCatalogue(options.conditions)
  const declared = declaredNames(documents)
  const operations: NounScope['operations'] = (named, service) =>
    readOperations(named, { text: attachments.get(named.value), under: underOf(service), to })
  return {
    documents,
    catalogue,
    to,
    zones: createZones(to),
    declared,
    nouns: readNouns({ documents, declared, to, operations }),
    conditions: createNamedConditions(documents, catalogue, to),
    bounds: readBounds(documents, to),
    now: options.now,
    facts: options.facts === undefined ? null : new Set(options.facts),
  }
}

const failed = (to: Reporter, environments: readonly string[] = []): CompiledPolicy => ({
  image: null,
  diagnostics: to.list(),
  cases: [],
  matrices: [],
  environments,
})

/**
 * Documents to one image, or all that is wrong with them. Never throws, whatever the texts. When a document cannot be read as YAML
 * only such faults are reported: names declared in it would seem to be missing elsewhere.
 */
export const compilePolicy = (files: readonly PolicyFile[], options: CompileOptions): CompiledPolicy => {
  const to = createReporter()
  const open = openBundle(files, options, to)
  if (open === null) return failed(to)
  if (open.documents.length === 0) {
    to.report('folder.empty', spanOf(openSource({ path: '.', text: '' }), 0, 0))
    return failed(to, open.environments)
  }
  const bundle = createBundle(open, options, to)
  checkHeadings(bundle)
  const rules = readRules(bundle)
  const glasses = new Set(rules.flatMap(({ name, written }) => (written.standing === undefined ? [] : [name])))
  const cases = readCases({ ...bundle, glasses })
  const matrices = readMatrices({ ...bundle, glasses })
  const image: PolicyImage = {
    balustrade: 1,
    environment: options.environment ?? null,
    ...bundle.nouns,
    zones: bundle.zones.image(),
    rules: rules.map((rule) => rule.image).sort(byName),
  }
  return { image: to.failed() ? null : image, diagnostics: to.list(), cases, matrices, environments: open.environments }
}
