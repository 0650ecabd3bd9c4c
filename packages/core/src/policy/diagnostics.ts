import type { DiagnosticEntry } from './diagnostic-entry.ts'
import { MEANING_DIAGNOSTICS } from './diagnostics-meaning.ts'
import { NOUN_DIAGNOSTICS } from './diagnostics-nouns.ts'
import { RULE_DIAGNOSTICS } from './diagnostics-rules.ts'
import { SYNTAX_DIAGNOSTICS } from './diagnostics-syntax.ts'

const ENTRIES = { ...SYNTAX_DIAGNOSTICS, ...NOUN_DIAGNOSTICS, ...RULE_DIAGNOSTICS, ...MEANING_DIAGNOSTICS }

export type DiagnosticCode = keyof typeof ENTRIES

/** Every diagnostic of the front end by its code; conditions add the codes of their own faults. */
export const DIAGNOSTICS: Readonly<Record<DiagnosticCode, DiagnosticEntry>> = ENTRIES
