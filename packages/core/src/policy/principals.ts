import type { BindingImage, ClientImage, WorkloadImage } from '../model/policy-image.ts'
import type { Reporter } from './reporter.ts'
import {
  acceptName,
  FOREIGN_NAME,
  list,
  type Located,
  located,
  type Named,
  named,
  need,
  record,
  refuseEmpty,
  refuseType,
  type Shape,
  text,
} from './shape.ts'
import type { Span } from './source.ts'
import type { Node } from './tree.ts'

const ids = named(list(text('an id of the provider')))

const bare = (node: Node, name: string): Named<null> => ({ name, at: node, value: null, node })

type Binding = Named<readonly Named<readonly string[]>[] | null>

const readItem = (node: Node, to: Reporter): readonly Binding[] => {
  if (node.kind === 'map') return named(ids, FOREIGN_NAME).read(node, to) ?? []
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    return acceptName({ name: node.value, at: node }, FOREIGN_NAME, to) ? [bare(node, node.value)] : []
  }
  refuseType(node, to, 'a name, or a map from the name to ids by provider')
  return []
}

/** `[customers, admins]`, or `admins: { corp: 0f3c }` to bind a provider's own ids; a list may hold both. */
export const bindings: Shape<readonly Binding[]> = {
  read: (node, to) => {
    if (refuseEmpty(node, to)) return undefined
    return node.kind === 'list' ? node.items.flatMap((item) => readItem(item, to)) : readItem(node, to)
  },
  schema: {
    anyOf: [
      { type: 'string' },
      ids.schema,
      {
        type: 'array',
        minItems: 1,
        items: { anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: ids.schema }] },
      },
      { type: 'object', additionalProperties: ids.schema, minProperties: 1 },
    ],
  },
}

export const bindingImage = (binding: Binding): BindingImage => ({
  ids: Object.fromEntries((binding.value ?? []).map((entry) => [entry.name, [...new Set(entry.value)].sort()])),
})

export interface BoundProvider {
  readonly name: string
  readonly at: Span
}

export const boundProviders = (binding: Binding): readonly BoundProvider[] => binding.value ?? []

interface Workload {
  readonly provider: Located<string>
  readonly subject: string
}

export const workloads = named(
  record<Workload>('a workload', { provider: need(located(text('the name of a provider'))), subject: need(text('a subject')) }),
)
export const workloadImage = (entry: Named<Workload>): WorkloadImage => ({
  provider: entry.value.provider.value,
  subject: entry.value.subject,
})

interface Client {
  readonly provider: Located<string>
  readonly id: string
}

export const clients = named(
  record<Client>('a client', { provider: need(located(text('the name of a provider'))), id: need(text('a client id')) }),
)
export const clientImage = (entry: Named<Client>): ClientImage => ({ provider: entry.value.provider.value, id: entry.value.id })

/** RFC 6749 section 3.3: a scope token has no space, quote or backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/

export const scopes: Shape<readonly Named<null>[]> = {
  read: (node, to) => {
    const found = list(located(text('a scope', SCOPE))).read(node, to)
    return found
      ?.filter((each) => acceptName({ name: each.value, at: each.at }, SCOPE, to))
      .map((each) => bare(each.at, each.value))
  },
  schema: list(text('a scope', SCOPE)).schema,
}
