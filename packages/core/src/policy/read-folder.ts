import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { attempt } from '../lib/attempt.ts'
import { type CompiledPolicy, type CompileOptions, compilePolicy } from './compile-policy.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { openSource, type PolicyFile, type Span, spanOf } from './source.ts'
import { MAX_FILE } from './yaml-reader.ts'

const MAX_FILES = 2_000
/** UTF-8 may take three bytes for one character; what is longer in characters the reader refuses itself. */
const MAX_DOCUMENT_BYTES = 3 * MAX_FILE
const MAX_ATTACHMENT_BYTES = 16_777_216
const YAML = /\.ya?ml$/

interface Folder {
  readonly path: string
  /** Where the folder really is: links may lead to nothing outside of it. */
  readonly real: string
  readonly to: Reporter
}

export interface ReadFolder extends CompiledPolicy {
  /** The texts that were read, for frames. */
  readonly files: readonly PolicyFile[]
}

const nowhere = (path: string): Span => spanOf(openSource({ path, text: '' }), 0, 0)

/** The system's code (`ENOENT`), never its text, which holds the path of the machine. */
const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown')

const listFolder = (folder: Folder, below: string): readonly Dirent[] => {
  const listed = attempt(() => readdirSync(join(folder.path, below), { withFileTypes: true }))
  if (listed.ok) return listed.value.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MAX_FILES + 1)
  folder.to.report('folder.unreadable', nowhere(below === '' ? '.' : below), { problem: codeOf(listed.error) })
  return []
}

const refuseFile = (folder: Folder, path: string, problem: string): null => {
  folder.to.report('file.unreadable', nowhere(path), { path, problem })
  return null
}

const decode = (bytes: Uint8Array): string | null => {
  const decoded = attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  return decoded.ok ? decoded.value : null
}

/** True unless a link, the file itself or a folder on the way, leads out of the policy folder. */
const staysWithin = (folder: Folder, path: string): boolean => {
  const real = attempt(() => realpathSync(join(folder.path, path)))
  if (!real.ok || real.value.startsWith(folder.real + sep)) return true
  folder.to.report('folder.link', nowhere(path), { path })
  return false
}

/** A text of the folder; null when it was refused. It is not followed out of the folder, and not read beyond `most` bytes. */
const readText = (folder: Folder, path: string, most: number): PolicyFile | null => {
  if (!staysWithin(folder, path)) return null
  const stats = attempt(() => statSync(join(folder.path, path)))
  if (!stats.ok) return refuseFile(folder, path, codeOf(stats.error))
  if (!stats.value.isFile()) return refuseFile(folder, path, 'it is no regular file')
  if (stats.value.size > most) return refuseFile(folder, path, `it has more than ${most} bytes`)
  const bytes = attempt(() => readFileSync(join(folder.path, path)))
  if (!bytes.ok) return refuseFile(folder, path, codeOf(bytes.error))
  const text = decode(bytes.value)
  return text === null ? refuseFile(folder, path, 'it is not UTF-8') : { path, text }
}

const isFolder = (folder: Folder, path: string): boolean => {
  const stats = attempt(() => lstatSync(join(folder.path, path)))
  return stats.ok && stats.value.isDirectory()
}

const documentsOf = (folder: Folder): readonly string[] => {
  const top = listFolder(folder, '').filter((entry) => !entry.isDirectory() && YAML.test(entry.name))
  const below = isFolder(folder, 'environments') ? listFolder(folder, 'environments') : []
  const overlays = below.filter((entry) => !entry.isDirectory() && YAML.test(entry.name))
  return [...top.map((entry) => entry.name), ...overlays.map((entry) => `environments/${entry.name}`)]
}

/** YAML one folder further down, other than overlays: read only to refuse policies that nobody would enforce. */
const strayNames = (folder: Folder): readonly string[] => {
  const folders = listFolder(folder, '').filter(
    (entry) => entry.isDirectory() && !/^(\.|node_modules$|environments$)/.test(entry.name),
  )
  return folders.flatMap(({ name }) =>
    listFolder(folder, name).flatMap((entry) => (entry.isFile() && YAML.test(entry.name) ? [`${name}/${entry.name}`] : [])),
  )
}

const NAMED = /^\s*(?:-\s*)?openapi:\s*["']?([^\s"'#,}]+)/gm
const NAMED_IN_FLOW = /[{,]\s*openapi:\s*["']?([^\s"'#,}]+)/g

/** Whatever looks like the name of an OpenAPI document; which of them are meant, the reader says. */
const attachmentNames = (files: readonly PolicyFile[]): ReadonlySet<string> => {
  const found = files.flatMap(({ text }) =>
    [...text.matchAll(NAMED), ...text.matchAll(NAMED_IN_FLOW)].map((match) => match[1] as string),
  )
  return new Set(found.filter((name) => /\.(json|ya?ml)$/.test(name) && !/(^|\/)\.\.?(\/|$)|^\/|\\|:/.test(name)))
}

const readAll = (folder: Folder): readonly PolicyFile[] => {
  const names = documentsOf(folder)
  if (names.length > MAX_FILES) {
    folder.to.report('folder.too_many', nowhere('.'), { most: MAX_FILES })
    return []
  }
  const documents = names.flatMap((name) => readText(folder, name, MAX_DOCUMENT_BYTES) ?? [])
  const known = new Set(names)
  const extra = [...attachmentNames(documents)].filter((name) => !known.has(name))
  const attached = extra.flatMap((name) => (exists(folder, name) ? (readText(folder, name, MAX_ATTACHMENT_BYTES) ?? []) : []))
  const strays = strayNames(folder).filter((name) => !extra.includes(name))
  return [...documents, ...attached, ...strays.flatMap((name) => readText(folder, name, MAX_DOCUMENT_BYTES) ?? [])]
}

const exists = (folder: Folder, path: string): boolean => attempt(() => lstatSync(join(folder.path, path))).ok

/**
 * Reads and compiles a policy folder: `*.yaml` and `*.yml` at its top, overlays in `environments/`, and the OpenAPI documents that
 * services name. Never throws: what cannot be read is a diagnostic, and then there is no image.
 */
export const readPolicyFolder = (path: string, options: CompileOptions): ReadFolder => {
  const to = createReporter()
  const real = attempt(() => realpathSync(path))
  if (!real.ok) to.report('folder.unreadable', nowhere('.'), { problem: codeOf(real.error) })
  const files = real.ok ? readAll({ path, real: real.value, to }) : []
  const compiled = compilePolicy(files, options)
  if (!to.failed()) return { ...compiled, files }
  const found = files.length === 0 ? [] : compiled.diagnostics
  return { ...compiled, files, image: null, diagnostics: [...to.list(), ...found] }
}
