import { type ConditionFault, type Capture, defineCondition } from '../model/condition.ts'
import { comparePath, EXACT, IN_CASE, IN_SLASH, NONE, parsePathPattern, type PathPattern } from '../model/path-pattern.ts'
import type { RoutingImage } from '../model/policy-image.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

const patternOf = (text: string): readonly PathPattern[] => {
  const parsed = parsePathPattern(text)
  return parsed.ok ? [parsed.pattern] : []
}

type Settled = 1 | 0 | -1

const settleCase = ({ caseStated, caseSensitive }: RoutingImage): Settled => {
  if (!caseStated) return -1
  return caseSensitive ? 0 : 1
}

const settleSlash = ({ trailingSlash }: RoutingImage): Settled => {
  if (trailingSlash === 'unknown') return -1
  return trailingSlash === 'same' ? 1 : 0
}

/** What the service says about a path that differs only so: 1 the same resource, 0 another, -1 nobody said. */
const settle = (difference: number, routing: RoutingImage | undefined): Settled => {
  if (routing === undefined) return -1
  const inCase = (difference & IN_CASE) === 0 ? 1 : settleCase(routing)
  const inSlash = (difference & IN_SLASH) === 0 ? 1 : settleSlash(routing)
  if (inCase === 0 || inSlash === 0) return 0
  return inCase === 1 ? inSlash : inCase
}

const capturesOf = (text: string): readonly Capture[] =>
  patternOf(text).flatMap((pattern) =>
    pattern.segments.flatMap((part, segment) => {
      if (part.literal !== null || part.name === null) return []
      // A near miss binds as well: if it is the resource, this is its segment.
      const bind: Capture['bind'] = ({ path }) => (comparePath(pattern, path) === NONE ? undefined : path.segments[segment])
      return [{ name: part.name, from: 'path' as const, segment, bind }]
    }),
  )

const faultsOf = (spec: OneOrMany<string>): readonly ConditionFault[] => {
  const malformed = listOf(spec).flatMap((text) => {
    const parsed = parsePathPattern(text)
    return parsed.ok ? [] : [{ code: 'path.pattern', message: `${text}: ${parsed.why}`, help: parsed.help }]
  })
  const names = listOf(spec).flatMap((text) => capturesOf(text).map(({ name }) => name))
  const faults = [...malformed]
  if (new Set(names).size < names.length) {
    faults.push({
      code: 'path.captured_twice',
      message: 'one name is captured twice',
      help: 'Give each captured segment its own name.',
    })
  }
  if (names.length > 0 && listOf(spec).length > 1) {
    const help = 'Write one rule for each path, or * where the value is not compared.'
    faults.push({ code: 'path.captured_in_list', message: 'a $name cannot be captured in one of several paths', help })
  }
  return faults
}

export const path = defineCondition({
  key: 'path',
  place: 'what',
  about:
    'The path matches one of these patterns: literal segments, `*` for one, `$name` for one that is captured, and last `**` for zero or more. A path equal only without regard to ASCII case or a trailing slash is unknown unless the routing of the service settles it.',
  schema: (kit) => oneOrMany(kit, kit.string().regex(/^\//, 'a path begins with /').max(2_048)),
  reads: ['path', 'service'],
  reasons: {
    'path.other': { tri: 0, remedy: false, text: 'This is about other paths.', help: 'Check the address.' },
    'path.near_miss': {
      tri: -1,
      remedy: false,
      by: 'caller',
      text: 'The path differs from a known one only in letter case or a trailing slash.',
      help: 'Check the spelling of the address.',
    },
  },
  compile: (spec: OneOrMany<string>, scope, say) => {
    const patterns = listOf(spec).flatMap(patternOf)
    const { services } = scope.image
    const [met, other, nearMiss] = [say('met'), say('path.other'), say('path.near_miss')]
    return (facts) => {
      let near = false
      for (const pattern of patterns) {
        const difference = comparePath(pattern, facts.path)
        if (difference === EXACT) return met
        if (difference === NONE) continue
        const settled = settle(difference, services[facts.service]?.routing)
        if (settled === 1) return met
        if (settled === -1) near = true
      }
      return near ? nearMiss : other
    }
  },
  sentence: (spec) => {
    const written = listOf(spec).map((text) => {
      if (text === '/**') return 'any path'
      return text.endsWith('/**') ? `${text.slice(0, -3)} and all below it` : text
    })
    return inWords(written)
  },
  // Wholly exact only where no other spelling comes near: without literals and with `**`.
  index: (spec) => ({
    paths: listOf(spec),
    exact: listOf(spec).every((text) => /^(?:\/(?:\*|\$[a-z0-9_-]+))*\/\*\*$/.test(text)) || 'as-spelled',
  }),
  captures: (spec) => listOf(spec).flatMap(capturesOf),
  faults: faultsOf,
  examples: {
    accepted: ['/tenants/$tenant/charges', '/', '/**', '/admin/**', '/users/*/', ['/a', '/b/*']],
    refused: [
      { spec: 'tenants', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
      { spec: '/users/{id}', code: 'path.pattern' },
      { spec: '/users/a*', code: 'path.pattern' },
      { spec: '/**/users', code: 'path.pattern' },
      { spec: '/a//b', code: 'path.pattern' },
      { spec: '/a/../b', code: 'path.pattern' },
      { spec: '/a%2fb', code: 'path.pattern' },
      { spec: '/a/$x/$x', code: 'path.captured_twice' },
      { spec: ['/a/$x', '/b'], code: 'path.captured_in_list' },
    ],
    met: {},
    unmet: { path: { segments: ['tenants', 'acme'], trailingSlash: false } },
    unknown: { path: { segments: ['Tenants', 'acme', 'charges'], trailingSlash: false } },
  },
})
