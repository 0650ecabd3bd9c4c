import type { Reporter } from './reporter.ts'
import { refuseEmpty, refuseType, refuseUnknownKeys } from './shape.ts'
import type { SourceFile, Span } from './source.ts'
import { isScalar, type MapNode, type Node, textOf } from './tree.ts'

export const RULE_BLOCKS = ['grants', 'guardrails', 'exceptions', 'public', 'invariants'] as const
export const NOUN_BLOCKS = ['services', 'providers', 'groups', 'roles', 'workloads', 'clients', 'scopes', 'networks'] as const
const OTHER_BLOCKS = ['conditions', 'bounds', 'variables', 'cases', 'matrix'] as const
const HEADING = ['balustrade', 'service', 'zone'] as const

export type RuleBlock = (typeof RULE_BLOCKS)[number]
export type Block = RuleBlock | (typeof NOUN_BLOCKS)[number] | (typeof OTHER_BLOCKS)[number]

/** One policy document: what its heading says of all its rules, and its blocks as they stand. */
export interface PolicyDocument {
  readonly source: SourceFile
  readonly root: MapNode
  readonly service: { readonly name: string; readonly at: Span } | null
  readonly zone: { readonly name: string; readonly at: Span } | null
  readonly block: (name: Block) => Node | undefined
}

/** `balustrade: 1` comes first, so that a reader knows by which rules the rest is to be read. */
export const checkVersion = (root: MapNode, to: Reporter): void => {
  const first = root.entries.values().next().value
  const version = root.entries.get('balustrade')
  if (version === undefined) to.report('version.missing', first?.at ?? root)
  else if (!isScalar(version.value, 1)) to.report('version.unknown', version.value)
  else if (first !== version) to.report('version.not_first', version.at)
}

const headingText = (
  root: MapNode,
  key: 'service' | 'zone',
  to: Reporter,
): { readonly name: string; readonly at: Span } | null => {
  const node = root.entries.get(key)?.value
  if (node === undefined) return null
  const name = textOf(node)
  if (name === null) refuseType(node, to, key === 'zone' ? 'a zone such as Europe/Berlin' : 'the name of a service')
  return name === null ? null : { name, at: node }
}

export const readDocument = (source: SourceFile, root: MapNode, to: Reporter): PolicyDocument => {
  checkVersion(root, to)
  refuseUnknownKeys(root, [...HEADING, ...RULE_BLOCKS, ...NOUN_BLOCKS, ...OTHER_BLOCKS], (entry, help) =>
    to.report('key.unknown', entry.at, { key: entry.key, of: 'a policy document', help }),
  )
  return {
    source,
    root,
    service: headingText(root, 'service', to),
    zone: headingText(root, 'zone', to),
    block: (name) => {
      const node = root.entries.get(name)?.value
      return node === undefined || refuseEmpty(node, to) ? undefined : node
    },
  }
}
