import type { z } from 'zod'
import type { Spec } from '../model/condition.ts'
import { attempt } from '../lib/attempt.ts'
import type { KnownCondition } from './condition-catalogue.ts'
import { type Reporter, suggest } from './reporter.ts'
import { isBare } from './scalar-places.ts'
import { refuseEmpty } from './shape.ts'
import { describeNode, type Entry, type MapNode, type Node, nodeAt, plainOf } from './tree.ts'

type Issue = z.core.$ZodIssue

/** Of several branches that all failed, the one that came furthest says best what is wrong. */
const deepest = (
  issue: Issue,
  above: readonly PropertyKey[],
): { readonly issue: Issue; readonly path: readonly PropertyKey[] } => {
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union') return { issue, path }
  const inner = issue.errors.flatMap((branch) => branch.slice(0, 1).map((first) => deepest(first, path)))
  const best = inner.reduce<(typeof inner)[number] | null>(
    (kept, each) => (kept === null || each.path.length > kept.path.length ? each : kept),
    null,
  )
  return best !== null && best.path.length > path.length
    ? best
    : combine(
        issue,
        path,
        inner.map((each) => each.issue),
      )
}

/** Branches that failed at the same place: their allowed values together. */
const combine = (issue: Issue, path: readonly PropertyKey[], inner: readonly Issue[]) => {
  const values = inner.flatMap((each) => (each.code === 'invalid_value' ? each.values : []))
  const own = inner.find((each) => each.code === 'invalid_format' || each.code === 'custom' || each.code === 'unrecognized_keys')
  if (own !== undefined) return { issue: own, path }
  if (values.length === 0) return { issue, path }
  return { issue: { code: 'invalid_value', values, path: [], message: '', input: undefined } as Issue, path }
}

/** What is wrong in words, and what else could be said about it. */
const problemOf = (issue: Issue, at: Node): { readonly problem: string; readonly help: string | undefined } => {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    const help = at.kind === 'scalar' ? suggest(String(at.value), values, 'values') : ''
    return { problem: `${describeNode(at)} is none of ${values.slice(0, 12).join(', ')}`, help: help || undefined }
  }
  const generic = /^Invalid (input|string)/.test(issue.message)
  const wanted = issue.code === 'invalid_type' ? `${issue.expected} is expected, not ${describeNode(at)}` : null
  const quoted = typeof plainOf(at) === 'number' ? 'Write it in quotes, if text was meant.' : undefined
  if (generic) return { problem: wanted ?? `${describeNode(at)} is not accepted here`, help: quoted }
  return { problem: `${describeNode(at)} is not ${issue.message}`, help: quoted }
}

const reportIssue = (key: string, at: Node, context: { readonly issue: Issue; readonly to: Reporter }): void => {
  const { issue, to } = context
  if (issue.code !== 'unrecognized_keys' || at.kind !== 'map') to.report('spec.invalid', at, { key, ...problemOf(issue, at) })
  else
    for (const name of issue.keys)
      to.report('key.unknown', at.entries.get(name)?.at ?? at, { key: name, of: `the condition ${key}` })
}

/** Null or empty values anywhere within a spec. */
const refuseEmptyWithin = (node: Node, to: Reporter): boolean => {
  if (refuseEmpty(node, to)) return true
  if (node.kind === 'list') return node.items.filter((item) => refuseEmptyWithin(item, to)).length > 0
  if (node.kind === 'map') return [...node.entries.values()].filter((entry) => refuseEmptyWithin(entry.value, to)).length > 0
  return false
}

/** The own key and the modifiers beside it as one map. */
const joined = (own: Entry, modifiers: readonly Entry[]): MapNode => {
  const entries = [own, ...modifiers]
  const start = Math.min(...entries.map((entry) => entry.at.start))
  const end = Math.max(...entries.map((entry) => entry.value.end))
  return { kind: 'map', entries: new Map(entries.map((entry) => [entry.key, entry])), file: own.at.file, start, end }
}

export interface ReadSpec {
  readonly spec: Spec
  readonly at: Node
}

/** A condition's own key, and its modifiers beside it. */
export interface WrittenCondition {
  readonly own: Entry
  readonly modifiers: readonly Entry[]
}

/** The validated value of one condition; null when it was refused and reported. */
export const readSpec = (known: KnownCondition, written: WrittenCondition, to: Reporter): ReadSpec | null => {
  const { own, modifiers } = written
  const at = known.modifiers.length > 0 ? joined(own, modifiers) : own.value
  if (refuseEmptyWithin(at, to)) return null
  if (known.condition.quoted === true && isBare(at)) {
    const text = at.file.text.slice(at.start, at.end)
    to.report('yaml.expression', at, { mended: `${own.key}: '${text.replaceAll("'", "''")}'` })
    return null
  }
  const parsed = attempt(() => known.schema.safeParse(plainOf(at)))
  if (!parsed.ok) {
    to.report('spec.invalid', at, { key: own.key, problem: `${describeNode(at)} is not accepted here` })
    return null
  }
  if (parsed.value.success) return { spec: parsed.value.data as Spec, at }
  for (const issue of parsed.value.error.issues) {
    const found = deepest(issue, [])
    reportIssue(own.key, nodeAt(at, found.path), { issue: found.issue, to })
  }
  return null
}
