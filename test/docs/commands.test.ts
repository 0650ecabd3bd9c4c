// Every command that a page of the project shows exists and takes what it is given.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../packages/balustrade/src/program.ts'
import { readTree, root } from '../house/tree.ts'

const pages = readTree((path) => path.endsWith('.md') && path !== 'CHANGELOG.md')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Readonly<Record<string, string>> }

/** Programs whose command lines are looked at; what begins with something else is no command line. */
const PROGRAMS = ['npm', 'npx', 'node', 'balustrade', 'vitest', 'git', 'export', 'kill', 'bash', 'curl', 'docker']

const beginsAsCommand = (line: string): boolean => PROGRAMS.includes(line.split(' ')[0] ?? '') && line.includes(' ')

/** Lines of fenced blocks that are shell, or of no language, and what is quoted in a line of text. */
function commandsOf(page: string): readonly string[] {
  const fenced = Array.from(page.matchAll(/^```(?:sh|bash|console)?\n([\s\S]*?)^```$/gm), ([, text = '']) =>
    text.split('\n'),
  ).flat()
  const quoted = Array.from(page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g), ([, text = '']) => text)
  return [...fenced.map((line) => line.replace(/^\$ /, '')), ...quoted].map((line) => line.trim()).filter(beginsAsCommand)
}

/** Words as a shell would make them; quotes are taken off, comments left out, parts of a pipe told apart. */
function wordsOf(line: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]]
  for (const [, single, double, bare = ''] of line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)) {
    if (bare.startsWith('#')) break
    if (bare === '|' || bare === '&&' || bare === ';') parts.push([])
    else parts.at(-1)?.push(single ?? double ?? bare)
  }
  return parts
}

/** What is wrong with a command line of ours; null when nothing is. Options are read as the command reads them. */
function faultOfVerb(command: Command, words: readonly string[]): string | null {
  const inner = command.commands.find((each) => each.name() === words[0])
  if (inner !== undefined) return faultOfVerb(inner, words.slice(1))
  if (words[0] === '--help' || words[0] === '--version') return null
  if (command.commands.length > 0) return words.length === 0 ? null : `${command.name()} has no verb ${words[0] ?? ''}`
  const { operands, unknown } = command.parseOptions([...words])
  if (unknown.length > 0) return `${command.name()} does not know ${unknown.join(' ')}`
  return operands.length > command.registeredArguments.length ? `${command.name()} takes fewer arguments` : null
}

const isThere = (path: string): boolean => existsSync(join(root, path))

/** Of npm itself, and not of our package.json. */
const OWN_OF_NPM = ['ci', 'install', 'pack']

const faultOfScript = ([verb = '', ...rest]: readonly string[]): string | null => {
  if (OWN_OF_NPM.includes(verb)) return null
  const name = verb === 'run' ? (rest[0] ?? '') : verb
  if (!(name in scripts)) return `there is no script ${name}`
  return name === 'balustrade' && rest.length > 1 ? faultOfVerb(createProgram(), rest.slice(2)) : null
}

const faultOfPaths = (words: readonly string[]): string | null => {
  const gone = words.filter((word) => /^(?:packages|test|scripts|bench|docs|examples)\//.test(word) && !isThere(word))
  return gone.length === 0 ? null : `there is no ${gone.join(', ')}`
}

const MAIN = 'packages/balustrade/src/main.ts'

function faultOf([program, ...words]: readonly string[]): string | null {
  if (program === 'npx') return faultOf(words)
  if (program === 'npm') return faultOfScript(words)
  if (program === 'balustrade') return faultOfVerb(createProgram(), words)
  const main = words.indexOf(MAIN)
  return faultOfPaths(words) ?? (main === -1 ? null : faultOfVerb(createProgram(), words.slice(main + 1)))
}

/** Where the output goes is the shell's affair. */
const beforeRedirection = (words: readonly string[]): readonly string[] =>
  words.includes('>') ? words.slice(0, words.indexOf('>')) : words

const faultsOf = (line: string): readonly string[] => wordsOf(line).flatMap((words) => faultOf(beforeRedirection(words)) ?? [])

const shown = [...pages].flatMap(([path, page]) => [...new Set(commandsOf(page))].map((line) => ({ path, line })))

describe('commands of the pages', () => {
  test.each(shown)('$path: $line', ({ line }) => expect(faultsOf(line)).toEqual([]))

  test('are found where there are some', () => {
    const found = (path: string) => shown.filter((each) => each.path === path).length
    expect(['README.md', 'CONTRIBUTING.md', 'docs/reference/cli.md'].map((path) => found(path) > 2)).toEqual([true, true, true])
  })
})

describe('a command that does not exist is seen', () => {
  test.each([
    { line: 'balustrade chekc policy', fault: 'balustrade has no verb chekc' },
    { line: 'balustrade check policy --sentence', fault: 'check does not know --sentence' },
    { line: 'balustrade check a b', fault: 'check takes fewer arguments' },
    { line: 'npx balustrade log shown ./log', fault: 'log has no verb shown' },
    { line: 'npm run balustrade -- log show ./log --last 3', fault: 'show does not know --last 3' },
    { line: 'npm run generat', fault: 'there is no script generat' },
    { line: 'npx vitest run test/gone', fault: 'there is no test/gone' },
    { line: 'node --conditions=source scripts/gone.ts', fault: 'there is no scripts/gone.ts' },
    { line: `node --conditions=source ${MAIN} explan x`, fault: 'balustrade has no verb explan' },
    { line: 'npm test && npm run nothing # comment', fault: 'there is no script nothing' },
  ])('$line', ({ line, fault }) => expect(faultsOf(line)).toEqual([fault]))

  test.each([
    "balustrade explain 'GET https://app.example.com/' --as 'group: [members]'   # a comment, with `-n`",
    'npm run balustrade -- log show <folder> -n 10',
    'balustrade --help | head -5',
  ])('%s is none of them', (line) => expect(faultsOf(line)).toEqual([]))
})
