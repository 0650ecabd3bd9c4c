import { attempt } from '../lib/attempt.ts'
import { parseStrictJson } from '../lib/strict-json.ts'
import { parse } from 'yaml'
import type { Method } from '../model/access-request.ts'
import type { OperationImage } from '../model/policy-image.ts'
import type { Reporter } from './reporter.ts'
import { type ScopesOf, securityOf } from './openapi-security.ts'
import type { Located } from './shape.ts'

const MAX_JSON = 16_777_216
const MAX_YAML = 2_097_152
const MAX_OPERATIONS = 20_000
const METHODS: Readonly<Record<string, Method>> = {
  get: 'GET',
  head: 'HEAD',
  options: 'OPTIONS',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

type Members = Readonly<Record<string, unknown>>

/** What is wrong with the document, as a diagnostic at the place that names it. */
interface Reading {
  readonly path: string
  readonly refuse: (problem: string) => void
  readonly report: (
    code: 'openapi.template' | 'openapi.ambiguous' | 'openapi.crossing' | 'openapi.duplicate_id',
    details: Members,
  ) => void
}

const isMap = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

const parseText = (path: string, text: string): { readonly value: unknown } | { readonly problem: string } => {
  if (path.endsWith('.json')) {
    const parsed = parseStrictJson(text, { maxBytes: MAX_JSON, maxDepth: 128 })
    return parsed.ok ? { value: parsed.value } : { problem: parsed.why }
  }
  if (text.length > MAX_YAML) return { problem: `YAML of more than ${MAX_YAML} characters; convert it to JSON` }
  const parsed = attempt(
    () => parse(text, { version: '1.2', schema: 'core', merge: false, maxAliasCount: 100, logLevel: 'error' }) as unknown,
  )
  return parsed.ok ? { value: parsed.value } : { problem: 'it is no YAML' }
}

/** Path that the server's URL adds before every template; the service's `under` when the document names no server. */
const prefixOf = (document: Members, under: readonly string[], reading: Reading): readonly string[] | null => {
  const { servers } = document
  if (!Array.isArray(servers) || servers.length === 0) return under
  const paths = servers.map((server: unknown) => (isMap(server) && typeof server['url'] === 'string' ? server['url'] : ''))
  const bare = new Set(paths.map((url) => url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/\/+$/, '')))
  const [only = ''] = bare
  if (bare.size === 1 && !/[{?#]/.test(only)) return only.split('/').filter((segment) => segment !== '')
  reading.refuse('its servers have different or variable paths')
  return null
}

const templateOf = (written: string, reading: Reading): readonly (string | null)[] => {
  const segments = written.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  if (segments.some((segment) => segment.includes('{') && !/^\{[^{}]+\}$/.test(segment))) {
    reading.report('openapi.template', { template: written, path: reading.path })
  }
  return segments.map((segment) => {
    const decoded = attempt(() => decodeURIComponent(segment))
    return segment.includes('{') ? null : decoded.ok ? decoded.value : segment
  })
}

const tagsOf = (operation: Members): readonly string[] => {
  const { tags } = operation
  return Array.isArray(tags) ? [...new Set(tags.filter((tag): tag is string => typeof tag === 'string'))].sort() : []
}

const readItem = (
  written: string,
  item: unknown,
  context: { readonly prefix: readonly string[]; readonly reading: Reading; readonly scopesOf: ScopesOf },
): readonly OperationImage[] => {
  const { prefix, reading, scopesOf } = context
  if (!isMap(item) || '$ref' in item) {
    reading.refuse(`the path item ${written} is no map, or a reference to elsewhere`)
    return []
  }
  if (!written.startsWith('/')) {
    reading.refuse(`the path ${written} does not begin with a slash`)
    return []
  }
  const template = templateOf(written, reading)
  return Object.entries(METHODS).flatMap(([key, method]) => {
    const operation = item[key]
    if (!isMap(operation)) return []
    const id =
      typeof operation['operationId'] === 'string' && operation['operationId'] !== ''
        ? operation['operationId']
        : `${method} ${written}`
    return [
      { id, method, template: [...prefix, ...template], tags: tagsOf(operation), ...scopesOf(operation, `${method} ${written}`) },
    ]
  })
}

const compareSegment = (a: string | null, b: string | null): number => {
  if (a === b) return 0
  if (a === null) return 1
  return b === null || a < b ? -1 : 1
}

/** Shorter first only to be stable; within a length a literal comes before a parameter, so the most concrete comes first. */
const compare = (a: OperationImage, b: OperationImage): number => {
  if (a.template.length !== b.template.length) return a.template.length - b.template.length
  for (let i = 0; i < a.template.length; i++) {
    const order = compareSegment(a.template[i] ?? null, b.template[i] ?? null)
    if (order !== 0) return order
  }
  return a.method < b.method ? -1 : 1
}

type Relation = 'apart' | 'ordered' | 'crossing' | 'equal'

/** How two templates of one method and length stand to each other: do some paths fit both, and is one the more concrete? */
const relationOf = (a: OperationImage, b: OperationImage): Relation => {
  let first = false
  let second = false
  for (let i = 0; i < a.template.length; i++) {
    const [x, y] = [a.template[i] ?? null, b.template[i] ?? null]
    if (x === y) continue
    if (x !== null && y !== null) return 'apart'
    if (x === null) second = true
    else first = true
  }
  if (first === second) return first ? 'crossing' : 'equal'
  return 'ordered'
}

const textOf = (operation: OperationImage): string =>
  `${operation.method} /${operation.template.map((segment) => segment ?? '{}').join('/')}`

/** Operations that could be taken for one another share a method and a length. */
const groupsOf = (operations: readonly OperationImage[]): readonly (readonly OperationImage[])[] => [
  ...Map.groupBy(operations, (operation) => `${operation.method} ${operation.template.length}`).values(),
]

const checkOverlaps = (sorted: readonly OperationImage[], reading: Reading): void => {
  const crossing: (readonly [OperationImage, OperationImage])[] = []
  for (const group of groupsOf(sorted)) {
    group.forEach((operation, i) => {
      const others = group.slice(0, i)
      const equal = others.find((other) => relationOf(other, operation) === 'equal')
      if (equal !== undefined) reading.report('openapi.ambiguous', { one: equal.id, other: operation.id, path: reading.path })
      for (const other of others) if (relationOf(other, operation) === 'crossing') crossing.push([other, operation])
    })
  }
  const [pair] = crossing
  if (pair === undefined) return
  reading.report('openapi.crossing', { count: crossing.length, one: textOf(pair[0]), other: textOf(pair[1]), path: reading.path })
}

const checkIds = (operations: readonly OperationImage[], reading: Reading): void => {
  const ids = new Set<string>()
  for (const { id } of operations) {
    if (ids.has(id)) reading.report('openapi.duplicate_id', { id, path: reading.path })
    ids.add(id)
  }
}

const readPaths = (document: unknown, under: readonly string[], reading: Reading): readonly OperationImage[] => {
  const version = isMap(document) ? document['openapi'] : undefined
  if (!isMap(document) || typeof version !== 'string' || !/^3\.[0-9]/.test(version) || !isMap(document['paths'])) {
    reading.refuse('it is no OpenAPI 3 document with `paths`')
    return []
  }
  const prefix = prefixOf(document, under, reading)
  if (prefix === null) return []
  const scopesOf = securityOf(document, reading.refuse)
  const items = Object.entries(document['paths']).filter(([path]) => !path.startsWith('x-'))
  const operations = items.flatMap(([path, item]) => readItem(path, item, { prefix, reading, scopesOf }))
  if (operations.length > MAX_OPERATIONS) reading.refuse(`it has more than ${MAX_OPERATIONS} operations`)
  if (operations.length === 0) reading.refuse('it describes no operation')
  const sorted = operations.toSorted(compare)
  checkIds(sorted, reading)
  checkOverlaps(sorted.slice(0, MAX_OPERATIONS), reading)
  return sorted
}

/** Operations of an OpenAPI document, the most concrete first. What is wrong is reported where the service names the file. */
export const readOperations = (
  named: Located<string>,
  context: { readonly text: string | undefined; readonly under: readonly string[]; readonly to: Reporter },
): readonly OperationImage[] => {
  const { to, text, under } = context
  const path = named.value
  if (text === undefined) {
    to.report('openapi.missing', named.at, { path })
    return []
  }
  const refuse = (problem: string): void => to.report('openapi.invalid', named.at, { path, problem })
  const report: Reading['report'] = (code, details) => to.report(code, named.at, details as Record<string, string>)
  const parsed = parseText(path, text)
  if ('problem' in parsed) {
    refuse(parsed.problem)
    return []
  }
  return readPaths(parsed.value, under, { path, refuse, report })
}
