import { RE2JS } from 're2js'
import { attempt } from './attempt.ts'

/** Longest pattern, UTF-16 code units; most instructions a compiled pattern may hold. */
const LONGEST_PATTERN = 256
const MOST_INSTRUCTIONS = 1_000

/** A pattern of RE2's syntax. Matching takes time in proportion to `size` times the length of the text, whatever the text. */
export interface Regex {
  readonly size: number
  /** True when some part of the text matches. */
  readonly matches: (text: string) => boolean
}

export type ParsedRegex = { readonly ok: true; readonly regex: Regex } | { readonly ok: false; readonly why: string }

/**
 * Compiles a pattern of RE2's syntax: no look-around, no back-references, hence no exponential time. Refused with the reason:
 * what RE2 does not accept, more than 256 code units, patterns that grow too large by their repetitions. Never throws.
 */
export const parseRegex = (pattern: string): ParsedRegex => {
  if (pattern.length > LONGEST_PATTERN) return { ok: false, why: `a pattern has at most ${LONGEST_PATTERN} characters` }
  const compiled = attempt(() => RE2JS.compile(pattern))
  if (!compiled.ok) {
    const said = compiled.error instanceof Error ? compiled.error.message : ''
    return { ok: false, why: said.replace(/^error parsing regexp: /, '') || 'the pattern cannot be read' }
  }
  const regex = compiled.value
  const size = regex.programSize()
  if (size > MOST_INSTRUCTIONS) return { ok: false, why: 'its repetitions make the pattern too large' }
  return { ok: true, regex: { size, matches: (text) => regex.test(text) } }
}
