import type { SourcePosition } from '@balustrade/core/kit'
import { caseText, type DiagnosticStyle } from '@balustrade/core/policy'
import type { Difference, DifferingValue, EnvironmentComparison } from './environment-comparison.ts'

const NOUN: Readonly<Record<Difference['kind'], string>> = {
  grant: 'grant',
  guardrail: 'guardrail',
  exception: 'exception',
  public: 'public entry',
  invariant: 'invariant',
}

type Names = readonly [one: string, other: string]

const placeText = (at: SourcePosition | null): string => (at === null ? '' : ` (${at.file}:${at.line}:${at.column})`)

/** One value as both environments have it. */
const valueText = ({ path, texts, at }: DifferingValue, names: Names): string =>
  `${path}: ${names.map((name, i) => `${texts[i] ?? 'nothing'} in ${name}${placeText(at[i] ?? null)}`).join(', ')}`

/** Where both call the service by one host, one case is a case of both. */
const otherRequest = ({ cases }: Difference, [, other]: Names): readonly string[] =>
  cases[0].request === cases[1].request ? [] : [`  in ${other} the request is ${cases[1].request}`]

const differenceText = (difference: Difference, { values }: EnvironmentComparison, look: Look): string => {
  const { rule, kind, at, service, outcomes, cases } = difference
  const { names, style } = look
  const behind = values.filter(({ path }) => difference.values.includes(path))
  const decided = names.map((name, i) => `${outcomes[i]} in ${name}`).join(', ')
  return [
    `${at.file}:${at.line}:${at.column} ${style.error('difference')}: ${style.strong(`The ${NOUN[kind]} '${rule}' decides otherwise.`)}`,
    ...behind.map((value) => `  from ${valueText(value, names)}`),
    `  ${service ?? 'no service'}: ${decided}; shown by the case:`,
    ...caseText(cases[0])
      .split('\n')
      .map((line) => `    ${line}`),
    ...otherRequest(difference, names),
  ].join('\n')
}

const UNJUDGED = '; callers are recognised by it, and requests cannot tell what that comes to'

const othersText = ({ values }: EnvironmentComparison, { names }: Look): readonly string[] => {
  const others = values.filter(({ effect }) => effect !== 'decides')
  if (others.length === 0) return []
  return [
    'Values that differ, and on whose account no decision was found to:',
    ...others.map((value) => `  ${valueText(value, names)}${value.effect === 'unjudged' ? UNJUDGED : ''}`),
    '',
  ]
}

interface Look {
  readonly names: Names
  readonly style: DiagnosticStyle
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** A comparison of two environments for people: what is decided otherwise, what else differs, and a line that counts. */
export const environmentsText = (comparison: EnvironmentComparison, look: Look): string =>
  [
    ...comparison.differences.map((difference) => `${differenceText(difference, comparison, look)}\n`),
    ...othersText(comparison, look),
    `${plural(comparison.differences.length, 'difference')} between ${look.names.join(' and ')}, ${plural(comparison.values.length, 'differing value')}`,
  ].join('\n')
