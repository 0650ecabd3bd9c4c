import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { compilePolicy, type PolicyFile } from './index.ts'
import { createReporter } from './reporter.ts'
import { openSource, placeOf } from './source.ts'
import type { Entry, MapNode, Node } from './tree.ts'
import { readYaml } from './yaml-reader.ts'

/** How often the examples are damaged; `EDITS=1000` measures more closely. */
const EDITS = Number(process.env['EDITS'] ?? 200)
const SEED = 20261124
const NOW = Date.UTC(2026, 10, 24)
const EXAMPLES = join(import.meta.dirname, '../../../../examples')

type Kind = 'misspelt key' | 'misspelt word' | 'removed' | 'doubled' | 'wrong type' | 'unclosed'

interface Edit {
  readonly kind: Kind
  readonly start: number
  readonly end: number
  readonly by: string
  /** Where a diagnostic belongs, in the edited text. */
  readonly from: number
  readonly to: number
}

/** Mulberry32. */
const createRandom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) % 1_000_003) % below
  }
}
type Random = ReturnType<typeof createRandom>
const pick = <T>(from: readonly T[], random: Random): T => from[random(from.length)] as T

interface Site {
  readonly entry: Entry
  readonly parent: MapNode
  readonly path: readonly string[]
}

const sitesOf = (node: Node, path: readonly string[] = []): readonly Site[] => {
  if (node.kind === 'list') return node.items.flatMap((item) => sitesOf(item, path))
  if (node.kind !== 'map') return []
  return [...node.entries.values()].flatMap((entry) => [
    { entry, parent: node, path },
    ...sitesOf(entry.value, [...path, entry.key]),
  ])
}

/** Keys whose values are words of a closed list, or names that must be declared. */
const CLOSED = new Set(
  'group role network service providers provider kind method level mfa use waives profile algorithms complete case trailing-slash audit operation workload expect days zone proved-at credentials standing'.split(
    ' ',
  ),
)
/** Blocks whose keys are names that the writer chooses. */
const CHOSEN =
  /^(grants|guardrails|exceptions|public|invariants|conditions|services|providers|groups|roles|workloads|clients|networks|variables|matrix\/callers|services\/[^/]+\/providers|providers\/[^/]+\/(mfa\/(acr|amr)|claims)|groups\/.*|.*\/headers)$/
/** Keys that may be left out without making the document wrong. */
const OPTIONAL =
  /^(help|satisfies|ticket|note|how|when|what|who|from|at|as|because|zone|routing|cors|streams|upstream|openapi|audit|identity-headers|claims|groups-claim|complete|mfa|group|method|path|network|claim|scope|kind|user|days|hours|max-age|case|trailing-slash|headers|acr|amr|service|level|age|unknown|workload|except|max|widest|expect|environments|host|grants|guardrails|public|invariants|credentials|cases|matrix|operation|name)$/

const scalarsOf = (node: Node): readonly Node[] =>
  node.kind === 'list' ? node.items.flatMap(scalarsOf) : node.kind === 'scalar' ? [node] : []

const misspell = (text: string, random: Random): string => {
  const at = 1 + random(Math.max(1, text.length - 1))
  if (random(2) === 0) return `${text.slice(0, at)}${text.slice(at + 1)}q`
  return `${text.slice(0, at)}q${text.slice(at)}`
}

const replace = (kind: Kind, span: { readonly start: number; readonly end: number }, by: string): Edit => ({
  kind,
  start: span.start,
  end: span.end,
  by,
  from: span.start,
  to: span.start + by.length,
})

const removal = (site: Site, text: string): Edit => {
  const { entry, parent } = site
  const inFlow = text[parent.start] === '{'
  const lineStart = text.lastIndexOf('\n', entry.at.start) + 1
  const next = text.indexOf('\n', entry.value.end)
  const comma = /^\s*,?\s*/.exec(text.slice(entry.value.end))?.[0].length ?? 0
  const [start, end] = inFlow ? [entry.at.start, entry.value.end + comma] : [lineStart, next < 0 ? text.length : next + 1]
  return { kind: 'removed', start, end, by: '', from: parent.start, to: Math.max(parent.start, parent.end - (end - start)) }
}

const doubling = (site: Site, text: string): Edit => {
  const { entry, parent } = site
  const own = text.slice(entry.at.start, entry.value.end)
  if (text[parent.start] === '{')
    return {
      ...replace('doubled', { start: entry.at.start, end: entry.at.start }, `${own}, `),
      to: entry.at.start + 2 * own.length + 2,
    }
  const indent = text.slice(text.lastIndexOf('\n', entry.at.start - 1) + 1, entry.at.start).replace(/-/g, ' ')
  const by = `\n${indent}${own}`
  return replace('doubled', { start: entry.value.end, end: entry.value.end }, by)
}

const unclosing = (text: string, random: Random): Edit | null => {
  const marks = [...text.matchAll(/[[\]{}'"]/g)]
    .map((match) => match.index)
    .filter((at) => !/^\s*#/.test(text.slice(text.lastIndexOf('\n', at) + 1, at + 1)))
  if (marks.length === 0) return null
  const at = pick(marks, random)
  const line = text.lastIndexOf('\n', at) + 1
  const end = text.indexOf('\n', at)
  // What is not closed runs on into the line below.
  const below = text.indexOf('\n', end + 1)
  return { kind: 'unclosed', start: at, end: at + 1, by: '', from: line, to: (below < 0 ? text.length : below) - 1 }
}

const WRONG = ['12', '[]', '{}', '~', 'true', '[[a]]', '{ zz: 1 }']

const wordOf = ({ entry, path }: Site, random: Random): Node | null => {
  const words = CLOSED.has(entry.key) && path[0] !== 'matrix' ? scalarsOf(entry.value) : []
  return words.length === 0 ? null : pick(words, random)
}

const EDITORS: readonly ((site: Site, text: string, random: Random) => Edit | null)[] = [
  ({ entry, path }, _, random) =>
    CHOSEN.test(path.join('/')) ? null : replace('misspelt key', entry.at, misspell(entry.key, random)),
  (site, text, random) => {
    const word = wordOf(site, random)
    return word === null ? null : replace('misspelt word', word, misspell(text.slice(word.start, word.end), random))
  },
  (site, text) => (CHOSEN.test(site.path.join('/')) || OPTIONAL.test(site.entry.key) ? null : removal(site, text)),
  doubling,
  ({ entry }, _, random) => replace('wrong type', entry.value, pick(WRONG, random)),
  (_, text, random) => unclosing(text, random),
]

const editOf = (text: string, sites: readonly Site[], random: Random): Edit | null =>
  pick(EDITORS, random)(pick(sites, random), text, random)

interface Example {
  readonly files: readonly PolicyFile[]
  readonly meaning: string
}

const options = { conditions: CONDITIONS, now: NOW }
const withoutPlaces = (key: string, value: unknown): unknown => (key === 'at' || key === 'span' ? null : value)

const compile = (files: readonly PolicyFile[]) => {
  const { image, diagnostics, cases, matrices } = compilePolicy(files, options)
  return { diagnostics, meaning: image === null ? 'none' : JSON.stringify({ image, cases, matrices }, withoutPlaces) }
}

const openExample = (name: string): Example => {
  const list = readdirSync(join(EXAMPLES, name)).filter((file) => /\.(yaml|json)$/.test(file))
  const files = list.map((path) => ({ path, text: readFileSync(join(EXAMPLES, name, path), 'utf8') }))
  return { files, meaning: compile(files).meaning }
}

const overlaps = (diagnostic: Diagnostic, file: PolicyFile, edit: Edit): boolean => {
  if (diagnostic.file !== file.path) return false
  const source = openSource(file)
  const [from, to] = [placeOf(source, edit.from), placeOf(source, edit.to)]
  const before = diagnostic.endLine < from.line || (diagnostic.endLine === from.line && diagnostic.endColumn < from.column)
  const after = diagnostic.line > to.line || (diagnostic.line === to.line && diagnostic.column > to.column)
  return !before && !after
}

interface Outcome {
  readonly edit: Edit
  readonly found: 'inside' | 'elsewhere' | 'nothing' | 'same meaning'
  readonly shown: string
}

const judge = (example: Example, file: PolicyFile, edit: Edit): Outcome => {
  const edited = { path: file.path, text: file.text.slice(0, edit.start) + edit.by + file.text.slice(edit.end) }
  const { diagnostics, meaning } = compile(example.files.map((each) => (each === file ? edited : each)))
  const [first] = diagnostics
  const shown = `${edit.kind}: ${JSON.stringify(file.text.slice(edit.start, edit.end).slice(0, 40))} -> ${JSON.stringify(edit.by.slice(0, 40))} in ${file.path} at ${placeOf(openSource(edited), edit.start).line}: ${first === undefined ? 'nothing' : `${first.code} ${first.file}:${first.line}`}`
  if (meaning === example.meaning && diagnostics.length === 0) return { edit, found: 'same meaning', shown }
  if (diagnostics.some((each) => overlaps(each, edited, edit))) return { edit, found: 'inside', shown }
  return { edit, found: first === undefined ? 'nothing' : 'elsewhere', shown }
}

const damage = (count: number): readonly Outcome[] => {
  const random = createRandom(SEED)
  const examples = ['quickstart', 'console', 'payments'].map(openExample)
  const outcomes: Outcome[] = []
  while (outcomes.length < count) {
    const example = pick(examples, random)
    const file = pick(
      example.files.filter((each) => each.path.endsWith('.yaml')),
      random,
    )
    const root = readYaml(openSource(file), createReporter())
    const edit = root === null ? null : editOf(file.text, sitesOf(root), random)
    if (edit !== null) outcomes.push(judge(example, file, edit))
  }
  return outcomes
}

describe('damaged examples', () => {
  it('are refused where the damage is', () => {
    const outcomes = damage(EDITS)
    const changed = outcomes.filter((each) => each.found !== 'same meaning')
    const missed = changed.filter((each) => each.found !== 'inside')
    if (process.env['EDITS'] !== undefined) {
      console.log(`${outcomes.length} edits, ${changed.length} change meaning, ${changed.length - missed.length} shown inside`)
      console.log(missed.map((each) => `${each.found}: ${each.shown}`).join('\n'))
    }
    expect(changed.length).toBeGreaterThan(outcomes.length * 0.8)
    expect(missed.length / changed.length, missed.map((each) => each.shown).join('\n')).toBeLessThanOrEqual(0.05)
  })
})
