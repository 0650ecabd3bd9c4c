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

/** Why a literal segment is refused, and what to do. */
const FAULTS: readonly (readonly [refused: RegExp, why: string, help: string])[] = [
  [/^$/, 'a segment is empty', 'Remove the doubled slash; requests that have one are refused.'],
  [/^\.\.?$/, 'a path does not climb', 'Write the path that is meant.'],
  [/^\*\*$/, '** stands before the end', '** may only be the last segment; * stands for one.'],
  [/^\{.*\}$/, 'a template in braces is no pattern', 'Write $name, or * where the value is not compared.'],
  [/^\$/, 'a $name is lower-case letters, digits, - and _', 'Write $name.'],
  [/[*{}]/, 'a wildcard stands for a whole segment', 'Write *, or the segments that are meant.'],
  [/[?#\\%]/, 'a segment is written decoded, without query or fragment', 'Remove ?, #, % and backslash.'],
  [/[\u0000-\u001f\u007f]/, 'a segment holds a control character', 'Remove it.'],
]

const isWild = (segment: string): boolean => segment === '*' || NAME.test(segment)

const readSegment = (text: string): PatternSegment => {
  if (!isWild(text)) return { literal: text }
  return { literal: null, name: text === '*' ? null : text.slice(1) }
}

/**
 * Reads a pattern: segments that are literal (decoded), `*`, `$name`, and last perhaps `**`. No partial wildcards. A trailing
 * slash is kept. Never throws.
 */
export const parsePathPattern = (text: string): ParsedPathPattern => {
  if (!text.startsWith('/') || text.length > LONGEST)
    return refuse('a path begins with / and is not endless', 'Write /a/*/b or /a/**.')
  const parts = text === '/' ? [] : text.slice(1).split('/')
  const last = parts.at(-1)
  const written = last === '**' || last === '' ? parts.slice(0, -1) : parts
  for (const part of written) {
    const fault = isWild(part) ? undefined : FAULTS.find(([refused]) => refused.test(part))
    if (fault !== undefined) return refuse(fault[1], fault[2])
  }
  return { ok: true, pattern: { segments: written.map(readSegment), rest: last === '**', trailingSlash: last === '' } }
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
