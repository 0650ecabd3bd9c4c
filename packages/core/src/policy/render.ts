import type { Diagnostic, Witness } from '../model/diagnostic.ts'
import { caseText } from './case-text.ts'
import { lineText, openSource, type PolicyFile, type SourceFile } from './source.ts'

/** How parts of the text are emphasised; plain when left out. */
export interface DiagnosticStyle {
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const same = (text: string): string => text
const PLAIN: DiagnosticStyle = { error: same, warning: same, strong: same, faint: same }
const WIDEST = 160

/** Control characters of a document must not reach a terminal (CWE-150). */
const visible = (text: string): string =>
  text.replaceAll('\t', ' ').replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')

/** The line with carets below what is meant; a range over several lines is shown by its first. */
const frameOf = (diagnostic: Diagnostic, file: SourceFile, style: DiagnosticStyle): readonly string[] => {
  const line = visible(lineText(file, diagnostic.line))
  if (line.trim() === '') return []
  const shift = Math.max(0, diagnostic.column - 1 - Math.floor(WIDEST / 2))
  const shown = line.slice(shift, shift + WIDEST)
  const last = diagnostic.endLine === diagnostic.line ? diagnostic.endColumn : line.length + 1
  const carets = Math.max(1, Math.min(last, shift + WIDEST + 1) - diagnostic.column)
  const margin = String(diagnostic.line)
  const mark = diagnostic.severity === 'error' ? style.error : style.warning
  const blank = ' '.repeat(margin.length)
  return [
    style.faint(`  ${blank} |`),
    `${style.faint(`  ${margin} |`)} ${shown}`,
    `${style.faint(`  ${blank} |`)} ${' '.repeat(diagnostic.column - 1 - shift)}${mark('^'.repeat(carets))}`,
  ]
}

/** A witness as it may be pasted below `cases:`, indented. */
const caseLines = (witness: Witness): readonly string[] =>
  caseText(witness)
    .split('\n')
    .map((line) => `    ${visible(line)}`)

const renderOne = (diagnostic: Diagnostic, file: SourceFile | undefined, style: DiagnosticStyle): string => {
  const mark = diagnostic.severity === 'error' ? style.error : style.warning
  const place = `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}`
  const head = `${visible(place)} ${mark(`${diagnostic.severity}[${diagnostic.code}]`)}: ${style.strong(visible(diagnostic.message))}`
  const frame = file === undefined ? [] : frameOf(diagnostic, file, style)
  const witness = diagnostic.witness === undefined ? [] : ['  shown by the case:', ...caseLines(diagnostic.witness)]
  return [head, ...frame, `  why: ${visible(diagnostic.why)}`, `  help: ${visible(diagnostic.help)}`, ...witness].join('\n')
}

/** Diagnostics as text for people: place, code, what, the line with carets, why, help, and a witness where there is one. */
export const renderDiagnostics = (
  diagnostics: readonly Diagnostic[],
  files: readonly PolicyFile[],
  style: DiagnosticStyle = PLAIN,
): string => {
  const sources = new Map(files.map((file) => [file.path, openSource(file)]))
  return diagnostics.map((diagnostic) => renderOne(diagnostic, sources.get(diagnostic.file), style)).join('\n\n')
}
