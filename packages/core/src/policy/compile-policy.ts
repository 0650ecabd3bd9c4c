import type { Condition } from '../model/condition.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { FactName } from '../model/fact.ts'
import type { PolicyImage, RuleImage } from '../model/policy-image.ts'
import type { Bundle } from './bundle.ts'
import { createConditionCatalogue } from './condition-catalogue.ts'
import { declaredNames, refuseDuplicate } from './declared.ts'
import { type PolicyDocument, readDocument, RULE_BLOCKS } from './document.ts'
import { createNamedConditions } from './named-conditions.ts'
import { readBounds, readNouns } from './nouns.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { type ReadRule, readRule } from './rule.ts'
import { checkRule, type NamesContext } from './rule-checks.ts'
import { KIND_OF } from './rule-shapes.ts'
import { acceptName, NAME, refuseType } from './shape.ts'
import { openSource, type PolicyFile, type SourceFile, type Span, spanOf } from './source.ts'
import { readYaml } from './yaml-reader.ts'
import { createZones } from './zones.ts'

export interface CompileOptions {
  readonly conditions: readonly Condition[]
  /** Name of the overlay in `environments/` whose values are in force; left out: the policy's own values. */
  readonly environment?: string
  /** Epoch ms: what is expired, due or too far off is judged by it. The image does not depend on it. */
  readonly now: number
  /** Facts the enforcement points provide; left out: all of them. */
  readonly facts?: readonly FactName[]
}

export interface CompiledPolicy {
  /** null when any diagnostic is an error. */
  readonly image: PolicyImage | null
  readonly diagnostics: readonly Diagnostic[]
}

const MAX_RULES = 100_000

interface Gathered {
  readonly rules: readonly ReadRule[]
  readonly kinds: ReadonlyMap<string, string>
}

const gatherRules = (bundle: Bundle): Gathered => {
  const rules: ReadRule[] = []
  const kinds = new Map<string, string>()
  const places = new Map<string, Span>()
  for (const document of bundle.documents) {
    for (const block of RULE_BLOCKS) {
      const node = document.block(block)
      if (node === undefined) continue
      if (node.kind !== 'map') {
        refuseType(node, bundle.to, 'a map of rules keyed by name')
        continue
      }
      for (const entry of node.entries.values()) {
        acceptName({ name: entry.key, at: entry.at }, NAME, bundle.to)
        const first = places.get(entry.key)
        if (first !== undefined) refuseDuplicate(first, { name: entry.key, at: entry.at, what: 'rule' }, bundle.to)
        places.set(entry.key, entry.at)
        kinds.set(entry.key, KIND_OF[block])
        const rule = readRule(KIND_OF[block], entry, document, bundle)
        if (rule !== null) rules.push(rule)
      }
    }
  }
  return { rules, kinds }
}

const byName = (a: RuleImage, b: RuleImage): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const readRules = (bundle: Bundle): readonly ReadRule[] => {
  const { rules, kinds } = gatherRules(bundle)
  const context: NamesContext = { bundle, kinds }
  for (const rule of rules) checkRule(rule, context)
  const over = rules[MAX_RULES]
  if (over !== undefined) bundle.to.report('policy.too_many_rules', over.at, { most: MAX_RULES })
  return rules
}

const checkHeadings = (bundle: Bundle): void => {
  for (const { service } of bundle.documents) {
    const known = bundle.declared.get('service')
    if (service !== null && known?.has(service.name) !== true) {
      bundle.to.report('name.unknown', service.at, { noun: 'service', name: service.name })
    }
  }
}

const createBundle = (documents: readonly PolicyDocument[], options: CompileOptions, to: Reporter): Bundle => {
  const catalogue = createConditionCatalogue(options.conditions)
  const declared = declaredNames(documents)
  return {
    documents,
    catalogue,
    to,
    zones: createZones(to),
    declared,
    nouns: readNouns({ documents, declared, to, operations: () => [] }),
    conditions: createNamedConditions(documents, catalogue, to),
    bounds: readBounds(documents, to),
    now: options.now,
    facts: options.facts === undefined ? null : new Set(options.facts),
  }
}

const openDocuments = (sources: readonly SourceFile[], to: Reporter): readonly PolicyDocument[] | null => {
  const roots = sources.map((source) => ({ source, root: readYaml(source, to) }))
  const documents = roots.flatMap(({ source, root }) => (root === null ? [] : [readDocument(source, root, to)]))
  return documents.length < roots.length ? null : documents
}

/**
 * Documents to one image, or all that is wrong with them. Never throws, whatever the texts. When a document cannot be read as YAML
 * only such faults are reported: names declared in it would seem to be missing elsewhere.
 */
export const compilePolicy = (files: readonly PolicyFile[], options: CompileOptions): CompiledPolicy => {
  const to = createReporter()
  const sources = [...files].sort((a, b) => (a.path < b.path ? -1 : 1)).map(openSource)
  if (sources.length === 0) {
    to.report('folder.empty', spanOf(openSource({ path: '.', text: '' }), 0, 0))
    return { image: null, diagnostics: to.list() }
  }
  const documents = openDocuments(sources, to)
  if (documents === null) return { image: null, diagnostics: to.list() }
  const bundle = createBundle(documents, options, to)
  checkHeadings(bundle)
  const rules = readRules(bundle)
  const image: PolicyImage = {
    balustrade: 1,
    environment: options.environment ?? null,
    ...bundle.nouns,
    zones: bundle.zones.image(),
    rules: rules.map((rule) => rule.image).sort(byName),
  }
  return { image: to.failed() ? null : image, diagnostics: to.list() }
}
