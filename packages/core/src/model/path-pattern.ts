import type { PathFact } from './access-request.ts'

/** A literal segment; `*` (`name` null) and `$name` stand for exactly one segment, whatever it is. */
export type PatternSegment = { readonly literal: string } | { readonly literal: null; readonly name: string | null }

/** `/a/*` and the like, read. `rest`: it ended in `**`, zero or more further segments. */
export interface PathPattern {
  readonly segments: readonly PatternSegment[]
  readonly rest: boolean
  readonly trailingSlash: boolean
}

export type ParsedPathPattern =
  | { readonly ok: true; readonly pattern: PathPattern }
  | { readonly ok: false; readonly why: string; readonly help: string }

const LONGEST = 2_048
const NAME = /^\$[a-z][a-z0-9_-]{0,63}$/

const refuse = (why: string, help: string): ParsedPathPattern => ({ ok: false, why, help })

/** Why a literal segment is refused; null when it is not. */
const faultOf = (segment: string): readonly [why: string, help: string] | null => {
  if (segment === '') return ['a segment is empty', 'Remove the doubled slash; requests that have one are refused.']
  if (segment === '.' || segment === '..') return ['a path does not climb', 'Write the path that is meant.']
  if (segment === '**') return ['** stands in the middle', '** may only be the last segment; * stands for one.']
  if (/^\{.*\}$/.test(segment))
    return ['a template in braces is not a pattern', `Write $${segment.slice(1, -1) || 'name'}, or *.`]
  if (segment.startsWith('$')) return ['a $name is lower case letters, digits, - and _', 'Write $name.']
  if (/[*{}]/.test(segment)) return ['a wildcard stands for a whole segment', 'Write *, or the segments that are meant.']
  if (/[?#\\%]/.test(segment)) return ['a segment is written decoded, without query or fragment', 'Remove ?, #, % and backslash.']
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(segment)) return ['a segment holds a control character', 'Remove it.']
  return null
}

const readSegment = (text: string): PatternSegment => {
  if (text === '*') return { literal: null, name: null }
  return NAME.test(text) ? { literal: null, name: text.slice(1) } : { literal: text }
}

/**
 * Reads a pattern: segments that are literal (decoded), `*`, `$name`, and last perhaps `**`. No partial wildcards. A trailing
 * slash is kept. Never throws.
 */
export const parsePathPattern = (text: string): ParsedPathPattern => {
  if (!text.startsWith('/') || text.length > LONGEST)
    return refuse('a path begins with / and is not endless', 'Write /a/*/b or /a/**.')
  const parts = text === '/' ? [] : text.slice(1).split('/')
  const rest = parts.at(-1) === '**'
  const trailingSlash = parts.length > 0 && parts.at(-1) === ''
  const written = rest || trailingSlash ? parts.slice(0, -1) : parts
  for (const part of written) {
    const fault = part === '*' || NAME.test(part) ? null : faultOf(part)
    if (fault !== null) return refuse(...fault)
  }
  return { ok: true, pattern: { segments: written.map(readSegment), rest, trailingSlash } }
}

/** How a path differs from a pattern: not at all, in ASCII case, in the trailing slash, in both; NONE: it is another path. */
export const EXACT = 0
export const IN_CASE = 1
export const IN_SLASH = 2
export const NONE = -1

const foldAscii = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code)

/** Equal when ASCII letters are taken alike in both cases; allocates nothing. */
export const equalFolded = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (foldAscii(a.charCodeAt(i)) !== foldAscii(b.charCodeAt(i))) return false
  return true
}

/** The difference as a sum of the above. Below a `**` a trailing slash makes no difference, nor does it on `/`. */
export const comparePath = (pattern: PathPattern, path: PathFact): number => {
  const { segments, rest } = pattern
  const given = path.segments
  if (rest ? given.length < segments.length : given.length !== segments.length) return NONE
  let difference = EXACT
  for (let i = 0; i < segments.length; i++) {
    const { literal } = segments[i] as PatternSegment
    const segment = given[i] as string
    if (literal === null || literal === segment) continue
    if (!equalFolded(literal, segment)) return NONE
    difference = IN_CASE
  }
  const slashes = rest || given.length === 0 || pattern.trailingSlash === path.trailingSlash
  return slashes ? difference : difference + IN_SLASH
}
