import type { Method } from '../model/access-request.ts'
import type { OperationFact } from '../model/fact.ts'
import type { OperationImage, PolicyImage } from '../model/policy-image.ts'

export type OperationFor = (service: string, method: Method, segments: readonly string[]) => OperationFact | null

interface Leaf {
  /** Place among the operations of the document: the most concrete comes first. */
  readonly rank: number
  readonly fact: OperationFact
}

interface Branch {
  readonly literals: Map<string, Branch>
  parameter: Branch | null
  readonly methods: Map<Method, Leaf>
}

const createBranch = (): Branch => ({ literals: new Map(), parameter: null, methods: new Map() })

const step = (branch: Branch, segment: string | null): Branch => {
  if (segment === null) {
    branch.parameter ??= createBranch()
    return branch.parameter
  }
  const known = branch.literals.get(segment) ?? createBranch()
  branch.literals.set(segment, known)
  return known
}

const plant = (operations: readonly OperationImage[]): Branch => {
  const root = createBranch()
  operations.forEach(({ id, method, template, tags, scopes }, rank) => {
    const branch = template.reduce(step, root)
    if (!branch.methods.has(method))
      branch.methods.set(method, { rank, fact: scopes === undefined ? { id, tags } : { id, tags, scopes } })
  })
  return root
}

interface Wanted {
  readonly method: Method
  readonly segments: readonly string[]
}

const firstOf = (a: Leaf | null, b: Leaf | null): Leaf | null => {
  if (a === null || b === null) return a ?? b
  return a.rank < b.rank ? a : b
}

const find = (branch: Branch, depth: number, wanted: Wanted): Leaf | null => {
  const segment = wanted.segments[depth]
  if (segment === undefined) return branch.methods.get(wanted.method) ?? null
  const literal = branch.literals.get(segment)
  return firstOf(
    literal === undefined ? null : find(literal, depth + 1, wanted),
    branch.parameter === null ? null : find(branch.parameter, depth + 1, wanted),
  )
}

const NO_OPERATION: OperationFact = { id: null, tags: [] }

/**
 * Which operation of the service's OpenAPI document a request is: the most concrete template that matches, compared exactly,
 * HEAD read as GET. `id` null: none of the document; null: the service has no document.
 */
export const createOperationFinder = (image: PolicyImage): OperationFor => {
  const roots = new Map<string, Branch>()
  for (const [name, { operations }] of Object.entries(image.services)) {
    if (operations.length > 0) roots.set(name, plant(operations))
  }
  return (service, method, segments) => {
    const root = roots.get(service)
    if (root === undefined) return null
    return find(root, 0, { segments, method: method === 'HEAD' ? 'GET' : method })?.fact ?? NO_OPERATION
  }
}
