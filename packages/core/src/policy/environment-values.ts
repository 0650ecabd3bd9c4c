import type { SourcePosition } from '../model/policy-image.ts'
import { readDocument } from './document.ts'
import { applyOverlay, entriesOf, MAY_CHANGE, type Overlay } from './environments.ts'
import { openFolder } from './open-bundle.ts'
import { createReporter } from './reporter.ts'
import { type PolicyFile, positionOf } from './source.ts'
import { type MapNode, type Node, type Plain, plainOf, textOf } from './tree.ts'
import { readVariables, SUBSTITUTED, variableName, type Variables, variableValues } from './variables.ts'

/** A value that environments may give otherwise, as one of them has it. */
export interface EnvironmentValue {
  /** Such as `variables.fresh`, `services.console.upstream`, `providers.corp.issuer`. */
  readonly path: string
  /** As an environment would write it. */
  readonly value: Plain
  readonly at: SourcePosition
  /** Entries of blocks in which it stands, itself or in a named condition: `guardrails.office-only`, `networks.office`. */
  readonly usedBy: readonly string[]
}

/** What one entry of a block refers to, anywhere within it. */
interface Referred {
  readonly variables: ReadonlySet<string>
  /** Names of conditions, by `use`. */
  readonly conditions: ReadonlySet<string>
}

const namesIn = (node: Node): readonly string[] =>
  node.kind === 'list' ? node.items.flatMap(namesIn) : [textOf(node)].filter((name) => name !== null)

const collect = (node: Node, into: { variables: Set<string>; conditions: Set<string> }): void => {
  const name = variableName(node)
  if (name !== null) into.variables.add(name)
  for (const { key, value } of entriesOf(node)) {
    if (key === 'use') for (const used of namesIn(value)) into.conditions.add(used)
    collect(value, into)
  }
  if (node.kind === 'list') for (const item of node.items) collect(item, into)
}

/** By the path of an entry, such as `guardrails.office-only`. */
type References = ReadonlyMap<string, Referred>

const referencesIn = (roots: readonly MapNode[]): References =>
  new Map(
    roots.flatMap((root) =>
      [...SUBSTITUTED].flatMap((block) =>
        entriesOf(root.entries.get(block)?.value).map(({ key: name, value }) => {
          const referred = { variables: new Set<string>(), conditions: new Set<string>() }
          collect(value, referred)
          return [`${block}.${name}`, referred] as const
        }),
      ),
    ),
  )

/** True when the variable stands in the entry, or in a condition that the entry uses; a circle of conditions is walked once. */
const holds = (references: References, path: string, name: string): boolean => {
  const open = [path]
  const seen = new Set(open)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const referred = references.get(next)
    if (referred?.variables.has(name) === true) return true
    for (const used of [...(referred?.conditions ?? [])].map((condition) => `conditions.${condition}`)) {
      if (!seen.has(used)) open.push(used)
      seen.add(used)
    }
  }
  return false
}

const ofVariables = (variables: Variables, overlay: Overlay | null, references: References): readonly EnvironmentValue[] =>
  [...variableValues(variables, overlay)].map(([name, node]) => ({
    path: `variables.${name}`,
    value: plainOf(node),
    at: positionOf(node),
    usedBy: [...references.keys()].filter((path) => !path.startsWith('conditions.') && holds(references, path, name)).sort(),
  }))

/** What stands in a block itself, or the name of the variable that does. */
const ofBlock = (block: 'services' | 'providers', roots: readonly MapNode[]): readonly EnvironmentValue[] =>
  roots
    .flatMap((root) => entriesOf(root.entries.get(block)?.value))
    .flatMap(({ key: name, value }) =>
      entriesOf(value)
        .filter(({ key }) => MAY_CHANGE[block].includes(key))
        .map(({ key, value: node }) => ({
          path: `${block}.${name}.${key}`,
          value: plainOf(node),
          at: positionOf(node),
          usedBy: [`${block}.${name}`],
        })),
    )

/**
 * Every value of a policy that environments may give otherwise, sorted by path. `environment` left out: the policy's own values. Meant
 * for a policy that compiles: what is wrong with the texts is not told here.
 */
export const environmentValues = (files: readonly PolicyFile[], environment: string | undefined): readonly EnvironmentValue[] => {
  const to = createReporter()
  const folder = openFolder(files, environment === undefined ? {} : { environment }, to)
  if (folder === null) return []
  const { roots, overlay } = folder
  const overlaid = roots.map(({ root }) => (overlay === null ? root : applyOverlay(root, overlay)))
  const variables = readVariables(
    roots.map(({ source, root }) => readDocument(source, root, to)),
    to,
  )
  return [
    ...ofVariables(variables, overlay, referencesIn(overlaid)),
    ...ofBlock('services', overlaid),
    ...ofBlock('providers', overlaid),
  ].sort((a, b) => (a.path < b.path ? -1 : 1))
}
