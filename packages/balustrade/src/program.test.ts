import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { balustrade } from '../../../test/support/command.ts'
import { createProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-program-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const NOWHERE = join(folder, 'nowhere')
const QUICK = 'examples/quickstart'
const NOTES = 'https://notes.example.com/notes/7'

interface Row {
  readonly note: string
  readonly words: readonly string[]
  readonly status: number
  /** What is said on standard output; on standard error when the status is 2. */
  readonly says: string
}

const rows: readonly Row[] = [
  { note: 'help says how to begin and what exit codes mean', words: ['--help'], status: 0, says: 'Exit codes: 0 done' },
  { note: 'help of a verb has examples', words: ['help', 'explain'], status: 0, says: 'Examples:' },
  { note: 'the version', words: ['--version'], status: 0, says: '0.1.0' },
  { note: 'no verb: help, as wrong usage', words: [], status: 2, says: 'Usage: balustrade' },
  { note: 'an unknown option', words: ['check', '--nonsense'], status: 2, says: "unknown option '--nonsense'" },
  {
    note: 'an unknown option of an inner verb',
    words: ['log', 'show', '.', '--outcom', 'deny'],
    status: 2,
    says: 'Did you mean',
  },
  { note: 'an unknown verb', words: ['chekc'], status: 2, says: 'Did you mean check' },
  { note: 'too many arguments', words: ['check', 'a', 'b'], status: 2, says: 'too many arguments' },
  {
    note: 'a value that is none of the choices',
    words: ['log', 'show', '.', '--outcome', 'no'],
    status: 2,
    says: 'Allowed choices',
  },
  { note: 'a port that is none', words: ['demo', '--port', '99999'], status: 2, says: 'Write a port' },

  { note: 'check: a good policy', words: ['check', QUICK], status: 0, says: '4 rules of 1 service, 0 warnings' },
  { note: 'check: in English', words: ['check', QUICK, '--sentences'], status: 0, says: 'second factor' },
  { note: 'check: an environment', words: ['check', 'examples/console', '--environment', 'staging'], status: 0, says: '6 rules' },
  { note: 'check: no such environment', words: ['check', QUICK, '--environment', 'moon'], status: 1, says: 'moon' },
  { note: 'check: no folder', words: ['check', NOWHERE], status: 2, says: 'There is no folder' },

  { note: 'test: cases and matrices', words: ['test', 'examples/payments'], status: 0, says: '14 passed, 0 failed' },
  {
    note: 'test: the policy of the demo',
    words: ['test', 'packages/balustrade/demo-policy'],
    status: 0,
    says: '7 passed, 0 failed',
  },
  { note: 'test: no folder', words: ['test', NOWHERE], status: 2, says: 'error' },

  {
    note: 'explain: an allowed request',
    words: ['explain', `GET ${NOTES}`, '--as', 'group: [members]', '--policy', QUICK],
    status: 0,
    says: 'decision: allow by members-read',
  },
  {
    note: 'explain: words in braces are the same words',
    words: ['explain', `GET ${NOTES}`, '--as', '{ group: [members] }', '--policy', QUICK],
    status: 0,
    says: 'decision: allow by members-read',
  },
  {
    note: 'explain: a challenge and what would mend it',
    words: ['explain', `PUT ${NOTES}`, '--as', 'group: [editors]', '--policy', QUICK],
    status: 1,
    says: 'the caller can: prove a second factor',
  },
  {
    note: 'explain: an anonymous caller',
    words: ['explain', `GET ${NOTES}`, '--policy', QUICK],
    status: 1,
    says: 'decision: challenge',
  },
  {
    note: 'explain: a path that is read in several ways is refused as at a point',
    words: ['explain', 'GET https://notes.example.com/a%2fb', '--as', 'group: [members]', '--policy', QUICK],
    status: 1,
    says: 'request.encoded_slash',
  },
  {
    note: 'explain: a host that no service claims',
    words: ['explain', 'GET https://other.example.com/', '--policy', QUICK],
    status: 1,
    says: 'service.none',
  },
  {
    note: 'explain: a case by its note',
    words: ['explain', 'members read', '--case', '--policy', QUICK],
    status: 0,
    says: 'decision: allow',
  },
  {
    note: 'explain: no such case',
    words: ['explain', 'strangers read', '--case', '--policy', QUICK],
    status: 2,
    says: 'There is no case',
  },
  {
    note: 'explain: words the language does not know',
    words: ['explain', `GET ${NOTES}`, '--as', 'grupo: [x]', '--policy', QUICK],
    status: 2,
    says: 'grupo',
  },
  { note: 'explain: a decision of no log', words: ['explain', 'x', '--log', NOWHERE], status: 2, says: 'holds no decision x' },
  { note: 'explain: two meanings', words: ['explain', 'x', '--case', '--log', '.'], status: 2, says: 'cannot be used with' },

  { note: 'serve: no configuration', words: ['serve', '--config', NOWHERE], status: 2, says: 'config.unreadable' },
  { note: 'log show: no folder', words: ['log', 'show', NOWHERE], status: 2, says: 'There is no folder' },
  { note: 'log verify: no key', words: ['log', 'verify', folder], status: 2, says: "required option '--key <key>'" },
  { note: 'log verify: not a key', words: ['log', 'verify', folder, '--key', 'x'], status: 2, says: 'neither a verifier key' },
  { note: 'init: nobody to ask', words: ['init', join(folder, 'asked')], status: 2, says: 'There is nobody to ask' },
]

describe('exit codes and what is said', () => {
  test.each(rows)('$note', async ({ words, status, says }) => {
    const got = await balustrade(...words)
    expect(status === 2 ? got.stderr : got.stdout).toContain(says)
    expect(got.status).toBe(status)
  })

  test('nothing is coloured where nobody looks', async () => {
    const got = await balustrade('test', QUICK)
    expect(got.stdout + got.stderr).not.toContain('\u001b')
  })
})

const verbsOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(verbsOf)

describe('every verb', () => {
  test.each(verbsOf(createProgram()).map((verb) => [verb.name(), verb] as const))(
    '%s prints JSON and teaches by examples',
    (_name, verb) => {
      expect(verb.options.map(({ long }) => long)).toContain('--json')
      let help = ''
      verb.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
      expect(help).toContain('Examples:\n  balustrade ')
    },
  )
})
