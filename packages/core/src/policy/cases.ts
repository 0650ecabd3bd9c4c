import { METHODS } from '../model/access-request.ts'
import type { Outcome } from '../model/decision.ts'
import type { SourcePosition } from '../model/policy-image.ts'
import { REASONS } from '../model/reason.ts'
import { parseAddress } from '../lib/address.ts'
import { type CallerWords, callerSchema, readCallerWords } from './caller-words.ts'
import type { ConditionCatalogue } from './condition-catalogue.ts'
import type { DeclaredNames } from './declared.ts'
import type { PolicyDocument } from './document.ts'
import { type Reporter, suggest } from './reporter.ts'
import {
  choice,
  duration,
  FIELD_NAME,
  FOREIGN_NAME,
  list,
  type Located,
  located,
  maybe,
  type Named,
  named,
  need,
  record,
  refuseType,
  type Shape,
  text,
} from './shape.ts'
import { positionOf } from './source.ts'
import type { Node } from './tree.ts'
import { readMoment, type Zones } from './zones.ts'

/** One request with the answer it must get. */
export interface PolicyCase {
  readonly at: SourcePosition
  readonly note: string
  /** Method and absolute URI, as written. */
  readonly request: string
  readonly as: CallerWords
  /** Client address; null: the runner's own choice. */
  readonly from: string | null
  /** Epoch ms; null: the runner's now. */
  readonly when: number | null
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly upgrade: 'websocket' | null
  /** Break-glass exceptions used before, and how many ms before; others are armed and unused. */
  readonly opened: Readonly<Record<string, number>>
  readonly expect: Outcome
  /** Codes that must be among the reasons. */
  readonly because: readonly string[]
}

/** Every caller by every request; the answers as a table. */
export interface PolicyMatrix {
  readonly at: SourcePosition
  readonly service: string
  readonly callers: readonly { readonly name: string; readonly as: CallerWords }[]
  /** Method and path, or method and absolute URI. */
  readonly requests: readonly string[]
  readonly from: string | null
  readonly when: number | null
  /** The table as kept; null: none yet. */
  readonly expect: string | null
  /** Where the kept table stands, in UTF-16 code units of its file; null: none yet. */
  readonly span: { readonly start: number; readonly end: number } | null
}

interface WrittenCase {
  readonly note: string
  readonly request: Located<string>
  readonly as: Node | undefined
  readonly from: Located<string> | undefined
  readonly at: Located<string> | undefined
  readonly headers: readonly Named<readonly string[]>[] | undefined
  readonly upgrade: 'websocket' | undefined
  readonly opened: readonly Named<number>[] | undefined
  readonly expect: Outcome
  readonly because: readonly Located<string>[] | undefined
}

const words: Shape<Node> = {
  read: (node, to) => (node.kind === 'map' ? node : refuseType(node, to, 'a caller in the words of the rules')),
  schema: callerSchema,
}
const moment = located(text('an instant such as 2026-11-24T10:00:00Z'))
const address = located(text('an address such as 203.0.113.9'))

const caseShape = record<WrittenCase>('a case', {
  note: need(text('what the case shows')),
  request: need(located(text('a request such as POST https://pay.example.com/charges'))),
  as: maybe(words),
  from: maybe(address),
  at: maybe(moment),
  headers: maybe(named(list(text('a field value')), FIELD_NAME)),
  upgrade: maybe(choice(['websocket'])),
  opened: maybe(named(duration())),
  expect: need(choice(['allow', 'challenge', 'deny'])),
  because: maybe(list(located(text('a reason such as mfa.too_old')))),
})

interface WrittenMatrix {
  readonly service: Located<string>
  readonly callers: readonly Named<Node>[]
  readonly requests: readonly Located<string>[]
  readonly from: Located<string> | undefined
  readonly at: Located<string> | undefined
  readonly expect: Located<string> | undefined
}

const matrixShape = record<WrittenMatrix>('a matrix', {
  service: need(located(text('the name of a service'))),
  callers: need(named(words, FOREIGN_NAME)),
  requests: need(list(located(text('a request such as GET /users')))),
  from: maybe(address),
  at: maybe(moment),
  expect: maybe(located(text('a table'))),
})

export const caseBlocks = { cases: list(caseShape, false), matrix: list(matrixShape) }

export interface CaseScope {
  readonly documents: readonly PolicyDocument[]
  readonly declared: DeclaredNames
  readonly zones: Zones
  readonly catalogue: ConditionCatalogue
  /** Names of the break-glass exceptions. */
  readonly glasses: ReadonlySet<string>
  readonly to: Reporter
}

const checkRequest = (written: Located<string>, absolute: boolean, to: Reporter): void => {
  const [method = '', url = '', ...more] = written.value.split(' ')
  const known = (METHODS as readonly string[]).includes(method)
  const form = /^https?:\/\/[^/?#\s]+\/\S*$/.test(url) || (!absolute && url.startsWith('/'))
  if (known && form && more.length === 0) return
  const help = known ? undefined : suggest(method, METHODS, 'methods') || undefined
  to.report('case.request', written.at, { text: written.value, help })
}

/** Reasons of requests that never became one (`request.…`) are the canonicaliser's own and not known here. */
const reasonsOf = (written: readonly Located<string>[] | undefined, { catalogue, to }: CaseScope): readonly string[] => {
  const known = [...Object.keys(REASONS), ...catalogue.all.flatMap((each) => Object.keys(each.condition.reasons))]
  for (const { value, at } of written ?? []) {
    if (known.includes(value) || /^request\.[a-z_]+$/.test(value)) continue
    to.report('case.reason', at, { code: value, help: suggest(value, known, 'reasons') || undefined })
  }
  return [...new Set((written ?? []).map((each) => each.value))].sort()
}

const checkAddress = (written: Located<string> | undefined, to: Reporter): string | null => {
  if (written === undefined) return null
  if (parseAddress(written.value) === null)
    to.report('network.invalid', written.at, { text: written.value, problem: 'not an IP address' })
  return written.value
}

const momentOf = (written: Located<string> | undefined, document: PolicyDocument, scope: CaseScope): number | null =>
  written === undefined
    ? null
    : readMoment(written, 'begin', { zone: document.zone?.name ?? null, zones: scope.zones, to: scope.to })

const openedOf = (written: WrittenCase['opened'], { glasses, to }: CaseScope): PolicyCase['opened'] => {
  for (const { name, at } of written ?? []) {
    if (glasses.has(name)) continue
    to.report('case.name', at, { noun: 'break-glass exception', name, help: suggest(name, glasses) || undefined })
  }
  return Object.fromEntries((written ?? []).map(({ name, value }) => [name, value]))
}

const readCase = (node: Node, document: PolicyDocument, scope: CaseScope): readonly PolicyCase[] => {
  const written = caseShape.read(node, scope.to)
  if (written === undefined) return []
  checkRequest(written.request, true, scope.to)
  const as = written.as === undefined ? {} : readCallerWords(written.as, scope.declared, scope.to)
  if (as === undefined) return []
  return [
    {
      at: positionOf(node),
      note: written.note,
      request: written.request.value,
      as,
      from: checkAddress(written.from, scope.to),
      when: momentOf(written.at, document, scope),
      headers: Object.fromEntries((written.headers ?? []).map((entry) => [entry.name, entry.value])),
      upgrade: written.upgrade ?? null,
      opened: openedOf(written.opened, scope),
      expect: written.expect,
      because: reasonsOf(written.because, scope),
    },
  ]
}

export const readCases = (scope: CaseScope): readonly PolicyCase[] =>
  scope.documents.flatMap((document) => {
    const node = document.block('cases')
    if (node === undefined) return []
    if (node.kind === 'list') return node.items.flatMap((item) => readCase(item, document, scope))
    refuseType(node, scope.to, 'a list of cases')
    return []
  })

const readMatrix = (node: Node, document: PolicyDocument, scope: CaseScope): readonly PolicyMatrix[] => {
  const written = matrixShape.read(node, scope.to)
  if (written === undefined) return []
  const { service, expect } = written
  const known = scope.declared.get('service') ?? new Set<string>()
  if (!known.has(service.value)) {
    scope.to.report('case.name', service.at, {
      noun: 'service',
      name: service.value,
      help: suggest(service.value, known) || undefined,
    })
  }
  for (const request of written.requests) checkRequest(request, false, scope.to)
  const callers = written.callers.map((entry) => ({
    name: entry.name,
    as: readCallerWords(entry.node, scope.declared, scope.to) ?? {},
  }))
  return [
    {
      at: positionOf(node),
      service: service.value,
      callers,
      requests: written.requests.map((request) => request.value),
      from: checkAddress(written.from, scope.to),
      when: momentOf(written.at, document, scope),
      expect: expect?.value ?? null,
      span: expect === undefined ? null : { start: expect.at.start, end: expect.at.end },
    },
  ]
}

/** One matrix, or a list of them, in each document. */
export const readMatrices = (scope: CaseScope): readonly PolicyMatrix[] =>
  scope.documents.flatMap((document) => {
    const node = document.block('matrix')
    if (node === undefined) return []
    const items = node.kind === 'list' ? node.items : [node]
    return items.flatMap((item) => readMatrix(item, document, scope))
  })
