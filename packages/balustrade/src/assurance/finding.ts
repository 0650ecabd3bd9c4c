import type { Diagnostic, SourcePosition } from '@balustrade/core/kit'
import { type Details, type DiagnosticCode, wordDiagnostic } from '@balustrade/core/policy'
import { type Draft, judgeDraft, witnessOf } from './draft.ts'
import type { World } from './world.ts'

interface Subject {
  readonly name: string
  readonly image: { readonly at: SourcePosition }
}

export interface Shown {
  readonly draft: Draft
  /** What the case shows, as its note. */
  readonly note: string
}

/** A diagnostic at the name of a rule, with the request that shows it and the answer that request gets. */
export const findingAt = (
  { name, image }: Subject,
  said: { readonly code: DiagnosticCode; readonly details: Details },
  shown: { readonly by: Shown; readonly world: World } | null,
): Diagnostic => {
  const { at } = image
  const place = { ...at, endLine: at.line, endColumn: at.column + name.length }
  const diagnostic = { ...wordDiagnostic(said.code, said.details), ...place }
  if (shown === null) return diagnostic
  const { outcome } = judgeDraft(shown.world, shown.by.draft).decision
  return { ...diagnostic, witness: witnessOf(shown.by.draft, shown.by.note, outcome) }
}
