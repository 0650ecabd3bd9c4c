import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { attempt } from '@balustrade/core/kit'
import { type Document, LineCounter, isNode, parseDocument } from 'yaml'
import { type ConfigDocument, configSchema } from './schema.ts'
import type { ConfigFault } from './fault.ts'

const MAX_BYTES = 1024 * 1024

export interface ConfigFile {
  readonly file: string
  /** Folder that relative paths of the document start from. */
  readonly base: string
  readonly document: ConfigDocument
  /** Position of a member, for faults found later. */
  readonly at: (path: readonly PropertyKey[]) => { readonly line: number; readonly column: number }
}

export type ReadConfig =
  | { readonly ok: true; readonly config: ConfigFile }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] }

type Locate = ConfigFile['at']

/** Position of the node at a path, or of its nearest ancestor that exists. */
const createLocate = (document: Document, lines: LineCounter): Locate => {
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (!isNode(node) || node.range == null) continue
      const { line, col } = lines.linePos(node.range[0])
      return { line: Math.max(line, 1), column: Math.max(col, 1) }
    }
    return { line: 1, column: 1 }
  }
}

const HELP: Readonly<Record<string, string>> = {
  unrecognized_keys: 'Remove the key, or correct its spelling; docs/reference/config.md lists all.',
  invalid_union: 'Name the secret: { file: path } or { env: NAME }. A secret is never written here.',
}

const schemaFaults = (file: string, value: unknown, at: Locate): readonly ConfigFault[] => {
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return []
  return parsed.error.issues.map((issue) => ({
    code: 'config.invalid',
    file,
    ...at(issue.path),
    message: `${issue.path.map(String).join('.') || 'the document'}: ${issue.message}`,
    help: HELP[issue.code] ?? 'See docs/reference/config.md for what may stand here.',
  }))
}

const fault = (file: string, about: Pick<ConfigFault, 'code' | 'message' | 'help'>): ReadConfig => ({
  ok: false,
  faults: [{ ...about, file, line: 1, column: 1 }],
})

const UNREADABLE = {
  code: 'config.unreadable',
  message: 'The configuration cannot be read.',
  help: 'Give its path: balustrade serve --config balustrade.yaml',
} as const
const TOO_LARGE = {
  code: 'config.too_large',
  message: 'The configuration is larger than 1 MiB.',
  help: 'Check that this is the right file.',
} as const
const ALIAS = { code: 'config.yaml', message: 'Aliases are not read here.', help: 'Write the value out.' } as const

/** Reads and checks the form of a configuration file. Values of secrets are not read here. Never throws. */
export const readConfig = (path: string): ReadConfig => {
  const file = resolve(path)
  const text = attempt(() => readFileSync(file, 'utf8'))
  if (!text.ok) return fault(path, UNREADABLE)
  if (text.value.length > MAX_BYTES) return fault(path, TOO_LARGE)
  return readText(path, file, text.value)
}

const readText = (path: string, file: string, text: string): ReadConfig => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, merge: false })
  const trouble = [...document.errors, ...document.warnings]
  if (trouble.length > 0) {
    const faults = trouble.map((each) => {
      const { line, col } = lines.linePos(each.pos[0])
      return {
        code: 'config.yaml',
        file: path,
        line,
        column: col,
        message: each.message.split('\n')[0] ?? '',
        help: 'Correct the YAML; nothing of it was used.',
      }
    })
    return { ok: false, faults }
  }
  const at = createLocate(document, lines)
  const value = attempt(() => document.toJS({ maxAliasCount: 0 }) as unknown)
  if (!value.ok) return fault(path, ALIAS)
  const faults = schemaFaults(path, value.value, at)
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, config: { file: path, base: dirname(file), document: value.value as ConfigDocument, at } }
}
