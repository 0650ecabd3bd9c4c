import { parsePathPattern, type PathPattern, type PatternSegment } from '@balustrade/core/kit'

/** Stands for a segment that no rule names. A number, so that it serves where a claim that is one is compared with it. */
export const ANY_SEGMENT = '7'

export const patternsIn = (texts: readonly string[]): readonly PathPattern[] =>
  texts.map(parsePathPattern).flatMap((parsed) => (parsed.ok ? [parsed.pattern] : []))

export const patternOf = (template: readonly (string | null)[], rest = false): PathPattern => ({
  segments: template.map((literal): PatternSegment => (literal === null ? { literal: null, name: null } : { literal })),
  rest,
  trailingSlash: false,
})

const meetSegment = (a: PatternSegment | undefined, b: PatternSegment | undefined): PatternSegment | null => {
  if (a === undefined || b === undefined) return a ?? b ?? null
  if (a.literal === null) return b
  return b.literal === null || a.literal === b.literal ? a : null
}

const reaches = (a: PathPattern, b: PathPattern): boolean => a.rest || a.segments.length >= b.segments.length

/** The paths that both patterns hold; null when there are none. */
export const meetPatterns = (a: PathPattern, b: PathPattern): PathPattern | null => {
  if (!reaches(a, b) || !reaches(b, a)) return null
  const segments: PatternSegment[] = []
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i++) {
    const met = meetSegment(a.segments[i], b.segments[i])
    if (met === null) return null
    segments.push(met)
  }
  const rest = a.rest && b.rest
  return { segments, rest, trailingSlash: !rest && ((a.trailingSlash && !a.rest) || (b.trailingSlash && !b.rest)) }
}

export const patternText = ({ segments, rest, trailingSlash }: PathPattern): string =>
  `/${segments.map(({ literal }) => (literal === null ? '*' : encodeURIComponent(literal))).join('/')}${rest ? '/**' : ''}${trailingSlash ? '/' : ''}`

/** Paths of a pattern that hold nothing it does not ask for: itself, and below a `**` up to `deepest` segments. */
export const pathsOf = (pattern: PathPattern, deepest: number, fill: string): readonly string[] => {
  const own = pattern.segments.map(({ literal }) => encodeURIComponent(literal ?? fill))
  const spare = pattern.rest ? Math.max(1, deepest - own.length) : 0
  const tail = pattern.trailingSlash && own.length > 0 ? '/' : ''
  return Array.from(
    { length: spare + 1 },
    (_, more) => `/${[...own, ...Array.from({ length: more }, () => fill)].join('/')}${tail}`,
  )
}
