import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { attempt } from '../lib/attempt.ts'
import type { Reporter } from './reporter.ts'
import { lineText, placeOf, type SourceFile, type Span, spanOf, wholeFile } from './source.ts'
import type { Entry, MapNode, Node } from './tree.ts'
import { openAt } from './unclosed.ts'

/** Largest policy document, UTF-16 code units; deepest nesting of maps and lists. */
export const MAX_FILE = 1_048_576
const MAX_DEPTH = 48
const MAX_SYNTAX_ERRORS = 5

interface Reading {
  readonly file: SourceFile
  readonly to: Reporter
  broken: boolean
  /** A tag was reported by the parser: the node that has it says nothing new. */
  tagged: boolean
}

const trimmed = (file: SourceFile, start: number, end: number): Span => {
  let last = end
  while (last > start && /\s/.test(file.text[last - 1] as string)) last--
  return spanOf(file, start, last)
}

const rangeOf = (reading: Reading, node: unknown): Span => {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range
  return range === undefined || range === null
    ? wholeFile(reading.file)
    : trimmed(reading.file, range[0] as number, range[1] as number)
}

type Refusal = Parameters<Reporter['report']>

const refuse = (reading: Reading, ...[code, at, details]: Refusal): null => {
  reading.broken = true
  reading.to.report(code, at, details ?? {})
  return null
}

const lineOf = (span: Span): string => lineText(span.file, placeOf(span.file, span.start).line)

/** The line with the text in question quoted. */
const quotedLine = (span: Span, text: string): string => lineOf(span).trim().replace(text, `"${text}"`)

const readAlias = (reading: Reading, node: Alias): null => {
  const at = rangeOf(reading, node)
  const rest = /^[^\s,\]}]*/.exec(reading.file.text.slice(at.start))?.[0] ?? ''
  return refuse(reading, 'yaml.leading_star', at, { text: rest, mended: quotedLine(at, rest) })
}

const readScalar = (reading: Reading, node: Scalar): Node | null => {
  const at = rangeOf(reading, node)
  const { value } = node
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\u0000')) return refuse(reading, 'value.text', at)
    return { kind: 'scalar', value, ...at }
  }
  if (typeof value === 'number') {
    const exact = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
    return exact ? { kind: 'scalar', value, ...at } : refuse(reading, 'value.number', at)
  }
  return typeof value === 'boolean' || value === null
    ? { kind: 'scalar', value, ...at }
    : refuse(reading, 'yaml.syntax', at, { problem: 'a value of an unknown type' })
}

const readKey = (reading: Reading, key: unknown): { readonly key: string; readonly at: Span } | null => {
  const at = rangeOf(reading, key)
  if (!isScalar(key) || typeof key.value !== 'string') return refuse(reading, 'yaml.key_not_text', at)
  if (key.anchor !== undefined) return refuse(reading, 'yaml.anchor', at)
  if (key.value === '<<') return refuse(reading, 'yaml.merge_key', at)
  if (key.value === '__proto__' || !key.value.isWellFormed()) return refuse(reading, 'name.reserved', at, { name: key.value })
  return { key: key.value, at }
}

const readMap = (reading: Reading, node: YAMLMap, depth: number): Node => {
  const entries = new Map<string, Entry>()
  for (const pair of node.items) {
    const key = readKey(reading, pair.key)
    if (key === null) continue
    const first = entries.get(key.key)
    if (first !== undefined) {
      const where = placeOf(reading.file, first.at.start)
      refuse(reading, 'yaml.duplicate_key', key.at, { key: key.key, line: where.line })
      continue
    }
    const empty: Node = { kind: 'scalar', value: null, ...spanOf(reading.file, key.at.end, key.at.end) }
    const value = pair.value === null ? empty : readNode(reading, pair.value, depth + 1)
    if (value !== null) entries.set(key.key, { ...key, value: placeEmpty(value, key.at) })
  }
  return { kind: 'map', entries, ...rangeOf(reading, node) }
}

/** An empty value has no text of its own: it stands where its key stands. */
const placeEmpty = (value: Node, key: Span): Node =>
  value.kind === 'scalar' && value.value === null && value.end === value.start
    ? { ...value, start: key.start, end: key.end }
    : value

const readList = (reading: Reading, node: YAMLSeq, depth: number): Node => {
  const items = node.items.map((item) => readNode(reading, item, depth + 1)).filter((item) => item !== null)
  return { kind: 'list', items, ...rangeOf(reading, node) }
}

const readNode = (reading: Reading, node: unknown, depth: number): Node | null => {
  if (isAlias(node)) return readAlias(reading, node as Alias)
  const marked = node as { readonly anchor?: string; readonly tag?: string }
  if (marked.anchor !== undefined) return refuse(reading, 'yaml.anchor', rangeOf(reading, node))
  if (marked.tag !== undefined)
    return reading.tagged ? null : refuse(reading, 'yaml.tag', rangeOf(reading, node), { tag: marked.tag })
  if (depth > MAX_DEPTH) return refuse(reading, 'yaml.too_deep', rangeOf(reading, node), { most: MAX_DEPTH })
  if (isMap(node)) return readMap(reading, node as YAMLMap, depth)
  if (isSeq(node)) return readList(reading, node as YAMLSeq, depth)
  return isScalar(node)
    ? readScalar(reading, node as Scalar)
    : refuse(reading, 'yaml.syntax', rangeOf(reading, node), { problem: 'an unknown node' })
}

const BRACES = /\{([a-z][A-Za-z0-9_-]*)\}/
const EXPRESSION = /(?:^|[\s{,])if:\s*(\S.*)$/

/** Where the parser stopped; at the end of the text the last thing that stands there. */
const placeOfError = (file: SourceFile, [start, end]: YAMLError['pos']): Span => {
  const last = file.text.trimEnd().length
  return start >= last ? spanOf(file, Math.max(0, last - 1), last) : spanOf(file, start, Math.min(end, last))
}

/** Faults that people make because other notations look so, with the line they meant. */
const explainTrap = (reading: Reading, at: Span): boolean => {
  const line = lineOf(at)
  const braces = /\/\{[a-z]/.test(line) ? BRACES.exec(line) : null
  if (braces !== null) {
    const mended = line.trim().replaceAll(new RegExp(BRACES, 'g'), '$$$1')
    refuse(reading, 'yaml.braces', at, { text: braces[0], mended })
    return true
  }
  const expression = EXPRESSION.exec(line)?.[1] ?? '"'
  if (/^['"|>]/.test(expression)) return false
  refuse(reading, 'yaml.expression', at, { mended: `if: '${expression.replaceAll("'", "''")}'` })
  return true
}

/** The parser stops where the mistake shows, often lines below the mark that was left open. */
const explainUnclosed = (reading: Reading, at: Span): boolean => {
  const { file } = reading
  const opening = openAt(file.text, at.end)
  if (opening === null || placeOf(file, opening.at).line === placeOf(file, at.start).line) return false
  refuse(reading, 'yaml.unclosed', spanOf(file, opening.at, opening.at + 1), { text: opening.mark })
  return true
}

const explainError = (reading: Reading, error: YAMLError): void => {
  const at = placeOfError(reading.file, error.pos)
  if (error.code === 'TAG_RESOLVE_FAILED') reading.tagged = true
  if (explainTrap(reading, at) || explainUnclosed(reading, at)) return
  if (error.code === 'MULTIPLE_DOCS') refuse(reading, 'yaml.several_documents', { ...at, end: Math.min(at.end, at.start + 3) })
  else if (error.code === 'TAG_RESOLVE_FAILED') refuse(reading, 'yaml.tag', at, { tag: at.file.text.slice(at.start, at.end) })
  else refuse(reading, 'yaml.syntax', at, { problem: error.message.split('\n')[0] })
}

/** The first fault of each line: those after it on the line mostly follow from it. */
const explainErrors = (reading: Reading, errors: readonly YAMLError[]): void => {
  const lines = new Set<number>()
  for (const error of errors) {
    const { line } = placeOf(reading.file, error.pos[0])
    if (lines.has(line) || lines.size >= MAX_SYNTAX_ERRORS) continue
    lines.add(line)
    explainError(reading, error)
  }
}

const OPTIONS = {
  stringKeys: true,
  uniqueKeys: false,
  prettyErrors: false,
  strict: true,
  merge: false,
  logLevel: 'error',
  version: '1.2',
  schema: 'core',
} as const

const parseText = (reading: Reading): unknown => {
  const { file } = reading
  const parsed = attempt(() => parseDocument(file.text, { ...OPTIONS, resolveKnownTags: false }))
  if (!parsed.ok) return refuse(reading, 'yaml.syntax', wholeFile(file), { problem: 'the document cannot be read' })
  explainErrors(
    reading,
    [...parsed.value.errors, ...parsed.value.warnings].sort((a, b) => a.pos[0] - b.pos[0]),
  )
  return parsed.value.contents
}

const checkText = (reading: Reading): void => {
  const { file } = reading
  if (file.text.length > MAX_FILE) refuse(reading, 'file.too_large', spanOf(file, 0, 0), { most: MAX_FILE })
  const directive = /^%.*/m.exec(file.text)
  if (directive !== null) refuse(reading, 'yaml.directive', spanOf(file, directive.index, directive.index + directive[0].length))
}

/**
 * Reads one document as YAML 1.2 without anchors, aliases, tags, merge keys, directives, duplicate keys or further documents.
 * Null when anything was refused: a document that is half read could lose the half that matters.
 */
export const readYaml = (file: SourceFile, to: Reporter): MapNode | null => {
  const reading: Reading = { file, to, broken: false, tagged: false }
  checkText(reading)
  if (reading.broken) return null
  const contents = parseText(reading)
  if (contents === null || contents === undefined)
    return reading.broken ? null : (refuse(reading, 'file.empty', wholeFile(file)), null)
  const tree = readNode(reading, contents, 0)
  if (tree === null || reading.broken) return null
  if (tree.kind !== 'map') return refuse(reading, 'file.not_a_map', tree)
  return tree
}
