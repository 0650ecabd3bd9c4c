import type { Condition } from '../model/condition.ts'
import { REASONS, type ReasonText } from '../model/reason.ts'
import { createConditionCatalogue, placesOf } from './condition-catalogue.ts'
import { DIAGNOSTICS, type DiagnosticCode } from './diagnostics.ts'

const GENERATED = '<!-- Made by npm run generate from the code; change the code. -->'

/** A cell of a table: no line breaks, no bars. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const entryOf = (code: DiagnosticCode): string => {
  const { severity, what, why, help } = DIAGNOSTICS[code]
  return `### \`${code}\`\n\n${severity === 'error' ? 'Error' : 'Warning'}. ${what}\n\n${why}\n\n${help}\n`
}

/** Every diagnostic of the front end, and the codes conditions give by themselves, as a page. */
export const diagnosticsReference = (conditions: readonly Condition[]): string => {
  const codes = (Object.keys(DIAGNOSTICS) as DiagnosticCode[]).sort()
  const own = conditions.flatMap((condition) =>
    condition.examples.refused.flatMap(({ code }) =>
      code in DIAGNOSTICS ? [] : [{ code, key: condition.key, place: condition.place }],
    ),
  )
  const byCode = new Map(own.map((each) => [each.code, each]))
  const rows = [...byCode.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, key, place }) => `| \`${code}\` | \`${place}.${key}\` |`)
  return [
    '# Diagnostics',
    '',
    GENERATED,
    '',
    'What a policy can have wrong with it. All faults are reported at once, each with its place, why it matters and what to do.',
    '`{name}` stands for a detail of the case at hand. With an error there is no policy; a warning does not stop it.',
    '',
    ...codes.map(entryOf),
    '## Of single conditions',
    '',
    '| code | condition |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

const yamlOf = (condition: Condition, spec: unknown): string => {
  const isWhole = (condition.modifiers ?? []).length > 0
  return `\`${cell(JSON.stringify(isWhole ? spec : { [condition.key]: spec }))}\``
}

const reasonRows = (condition: Condition): readonly string[] =>
  Object.entries(condition.reasons).map(
    ([code, reason]) =>
      `| \`${code}\` | ${reason.tri === 0 ? 'unmet' : 'unknown'} | ${cell(reason.text)} | ${reason.remedy ? 'yes' : 'no'} |`,
  )

const conditionPage = (condition: Condition, places: string): string =>
  [
    `## \`${condition.key}\` (${condition.place})`,
    '',
    condition.about,
    '',
    `May stand in ${places}. Reads ${condition.reads.map((fact) => `\`${fact}\``).join(', ')}.`,
    ...((condition.modifiers ?? []).length === 0
      ? []
      : ['', `Beside it: ${(condition.modifiers ?? []).map((key) => `\`${key}\``).join(', ')}.`]),
    '',
    'Written, for example:',
    '',
    ...condition.examples.accepted.map((spec) => `- ${yamlOf(condition, spec)}: ${condition.sentence(spec)}`),
    '',
    '| reason | means | told to the caller | may have a remedy |',
    '| --- | --- | --- | --- |',
    ...reasonRows(condition),
    '',
  ].join('\n')

/** Every condition: what it means, where it may stand, how it is written, why it may refuse. */
export const conditionsReference = (conditions: readonly Condition[]): string => {
  const { all } = createConditionCatalogue(conditions)
  const pages = all.map((known) => conditionPage(known.condition, placesOf(known)))
  return ['# Conditions', '', GENERATED, '', ...pages].join('\n')
}

/** Every reason a refusal can give: the engine's own, those of conditions, and whatever else is handed in. */
export const reasonsReference = (
  conditions: readonly Condition[],
  others: readonly Readonly<Record<string, ReasonText>>[] = [],
): string => {
  const all = Object.assign({}, REASONS, ...others, ...conditions.map((condition) => condition.reasons)) as Record<
    string,
    ReasonText
  >
  const rows = Object.keys(all)
    .sort()
    .map((code) => `| \`${code}\` | ${cell(all[code]?.text ?? '')} | ${cell(all[code]?.help ?? '')} |`)
  return ['# Reasons', '', GENERATED, '', '| code | what is told | what helps |', '| --- | --- | --- |', ...rows, ''].join('\n')
}
