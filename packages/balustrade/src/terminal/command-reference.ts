import type { Argument, Command, Option } from 'commander'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Words in a cell: what a reader would take for a tag is none. */
const words = (text: string): string => text.replaceAll('<', '\\<')

const argumentRow = (argument: Argument): readonly string[] => {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
  const standard = argument.defaultValue === undefined ? '' : ` Default: \`${String(argument.defaultValue)}\`.`
  return [`\`${name}\``, `${words(argument.description)}.${standard}`]
}

const optionRow = (option: Option): readonly string[] => {
  const { description, mandatory, argChoices, defaultValue } = option
  const isPlain = typeof defaultValue === 'string' || typeof defaultValue === 'number'
  const notes = [
    ...(mandatory ? ['Required.'] : []),
    ...(argChoices === undefined ? [] : [`One of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}.`]),
    ...(isPlain ? [`Default: \`${defaultValue}\`.`] : []),
  ]
  return [`\`${option.flags}\``, [`${words(description)}.`, ...notes].join(' ')]
}

const table = (head: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : ['', `| ${head} | |`, '| --- | --- |', ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)]

/** What a verb prints after its options: its examples. */
const examplesOf = (command: Command): readonly string[] => {
  let text = ''
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp()
  const at = text.indexOf('Examples:\n')
  if (at < 0) return []
  const lines = text.slice(at).trimEnd().split('\n').slice(1)
  return ['', '```sh', ...lines.map((line) => line.trim().replace(/ {2,}(?=\S)/, '   # ')), '```']
}

const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`

const section = (command: Command): readonly string[] => {
  if (command.commands.length > 0) return command.commands.flatMap(section)
  return [
    '',
    `## ${fullName(command)}`,
    '',
    `${command.description().replace(/^./, (first) => first.toUpperCase())}.`,
    ...table('argument', command.registeredArguments.map(argumentRow)),
    ...table('option', command.options.map(optionRow)),
    ...examplesOf(command),
  ]
}

const OPENING = [
  '# The command',
  '',
  '<!-- Made from the definitions of the verbs by npm run generate. -->',
  '',
  '| exit code | meaning |',
  '| --- | --- |',
  '| 0 | done; the check, test or verification passed, or the request is allowed |',
  '| 1 | the check, test or verification failed, or the request is refused |',
  '| 2 | wrong usage, or input that cannot be read or is not valid |',
  '| 3 | the system failed: a port is taken, a disk is full |',
  '',
  'Results are on standard output, progress and faults on standard error. `--json` prints one JSON document, or one object a line.',
]

/** The reference page of a command line. */
export const commandReference = (program: Command): string => `${[...OPENING, ...section(program)].join('\n')}\n`
