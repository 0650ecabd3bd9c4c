import type { Diagnostic } from '../model/diagnostic.ts'
import { closest } from '../lib/closest.ts'
import { DIAGNOSTICS, type DiagnosticCode } from './diagnostics.ts'
import { placeOf, type Span } from './source.ts'

/** What fills the `{…}` of a catalogue entry; `help` stands in place of the entry's own. */
export interface Details {
  readonly [name: string]: string | number | undefined
}

/** Collects diagnostics; one of a code at a place is enough. */
export interface Reporter {
  readonly report: (code: DiagnosticCode, at: Span, details?: Details) => void
  /** A fault a condition states itself: its code is not in the catalogue here. */
  readonly fault: (
    code: string,
    at: Span,
    texts: { readonly message: string; readonly why: string; readonly help: string },
  ) => void
  /** What follows from a fault reported at just this place is left out from now on. */
  readonly mute: (at: Span) => void
  readonly failed: () => boolean
  readonly list: () => readonly Diagnostic[]
}

const fill = (template: string, details: Details): string =>
  template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => (details[name] === undefined ? whole : String(details[name])))

/** What the catalogue says of a code, its holes filled with the details of the case at hand. */
export const wordDiagnostic = (
  code: DiagnosticCode,
  details: Details,
): Pick<Diagnostic, 'code' | 'severity' | 'message' | 'why' | 'help'> => {
  const entry = DIAGNOSTICS[code]
  const help = details['help'] === undefined ? fill(entry.help, details) : String(details['help'])
  return { code, severity: entry.severity, message: fill(entry.what, details), why: fill(entry.why, details), help }
}

/** The order in which diagnostics are told: by place, then by code. */
export const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1) : a.file < b.file ? -1 : 1

const MOST = 1_000

export const createReporter = (): Reporter => {
  const found = new Map<string, Diagnostic>()
  const muted = new Set<string>()
  const placeKey = (at: Span): string => `${at.file.path}\n${at.start}\n${at.end}`
  let errors = 0
  const add = (at: Span, rest: Omit<Diagnostic, 'file' | 'line' | 'column' | 'endLine' | 'endColumn'>): void => {
    if (rest.severity === 'error') errors++
    if (muted.has(placeKey(at))) return
    const key = `${rest.code}\n${placeKey(at)}\n${rest.message}`
    if (found.has(key) || found.size >= MOST) return
    const from = placeOf(at.file, at.start)
    const to = placeOf(at.file, at.end)
    found.set(key, { ...rest, file: at.file.path, ...from, endLine: to.line, endColumn: to.column })
  }
  return {
    report: (code, at, details = {}) => add(at, wordDiagnostic(code, details)),
    fault: (code, at, texts) => add(at, { code, severity: 'error', ...texts }),
    mute: (at) => muted.add(placeKey(at)),
    failed: () => errors > 0,
    list: () => [...found.values()].sort(byPlace),
  }
}

/** "Did you mean 'x'?" where a near candidate exists, else the candidates, else nothing. */
export const suggest = (name: string, candidates: Iterable<string>, noun = 'names'): string => {
  const list = [...candidates]
  const near = closest(name, list)
  if (near !== null) return `Did you mean '${near}'?`
  if (list.length === 0) return ''
  const shown = list.sort().slice(0, 12)
  return `Known ${noun}: ${shown.join(', ')}${list.length > shown.length ? ', …' : ''}.`
}
