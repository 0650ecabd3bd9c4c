import { type Capture, type ConditionFault, defineCondition } from '../model/condition.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'

const HOST =
  /^(?:(?:(?:\*|\$[a-z][a-z0-9_-]{0,63})\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\])$/

interface HostPattern {
  /** With its leading dot when the first label may be any; otherwise the whole host. */
  readonly fixed: string
  readonly any: boolean
  readonly name: string | null
}

const patternOf = (text: string): HostPattern => {
  const any = text.startsWith('*') || text.startsWith('$')
  const dot = text.indexOf('.')
  return { fixed: any ? text.slice(dot) : text, any, name: text.startsWith('$') ? text.slice(1, dot) : null }
}

/** The first label, when the rest is the pattern's; a wildcard stands for exactly one label. */
const labelOf = ({ fixed }: HostPattern, host: string): string | undefined => {
  const dot = host.indexOf('.')
  return dot > 0 && host.length - dot === fixed.length && host.endsWith(fixed) ? host.slice(0, dot) : undefined
}

const matches = (pattern: HostPattern, host: string): boolean =>
  pattern.any ? labelOf(pattern, host) !== undefined : pattern.fixed === host

const capturesOf = (text: string): readonly Capture[] => {
  const pattern = patternOf(text)
  if (pattern.name === null) return []
  return [{ name: pattern.name, from: 'host', bind: ({ host }) => labelOf(pattern, host) }]
}

const faultsOf = (spec: OneOrMany<string>): readonly ConditionFault[] => {
  if (listOf(spec).length < 2 || listOf(spec).every((text) => !text.startsWith('$'))) return []
  const help = 'Write one rule for each host, or * where the value is not compared.'
  return [{ code: 'host.captured_in_list', message: 'a $name cannot be captured in one of several hosts', help }]
}

export const host = defineCondition({
  key: 'host',
  place: 'what',
  about: 'The request names one of these hosts, without port; a leading `*` or `$name` stands for one label.',
  schema: (kit) =>
    oneOrMany(kit, kit.string().max(320).regex(HOST, 'a lower-case host without port, with at most one leading * or $name')),
  reads: ['host'],
  reasons: {
    'host.other': { tri: 0, remedy: false, text: 'This is about other hosts.', help: 'Check the address.' },
  },
  compile: (spec: OneOrMany<string>, _scope, say) => {
    const patterns = listOf(spec).map(patternOf)
    const [met, other] = [say('met'), say('host.other')]
    return (facts) => (patterns.some((pattern) => matches(pattern, facts.host)) ? met : other)
  },
  sentence: (spec) => `the host ${inWords(listOf(spec))}`,
  captures: (spec) => listOf(spec).flatMap(capturesOf),
  faults: faultsOf,
  examples: {
    accepted: ['$name.pay.example.com', '*.pay.example.com', 'localhost', ['a.example.com', '[2001:db8::1]']],
    refused: [
      { spec: 'Pay.example.com', code: 'spec.invalid' },
      { spec: 'pay.example.com:443', code: 'spec.invalid' },
      { spec: 'a.*.example.com', code: 'spec.invalid' },
      { spec: '*', code: 'spec.invalid' },
      { spec: ['$a.example.com', 'b.example.com'], code: 'host.captured_in_list' },
    ],
    met: {},
    unmet: { host: 'a.acme.pay.example.com' },
  },
})
