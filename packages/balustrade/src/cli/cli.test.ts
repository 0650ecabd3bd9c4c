import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'balustrade-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', MAIN, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, stdout, stderr }
}

const BROKEN = join(folder, 'broken')
const EMPTY = join(folder, 'empty')

describe('exit codes and outputs', () => {
  test.each([
    { note: 'help', words: ['--help'], status: 0, says: 'Exit codes' },
    { note: 'version', words: ['--version'], status: 0, says: '0.1.0' },
    { note: 'an unknown option', words: ['check', '--nonsense'], status: 2, says: "unknown option '--nonsense'" },
    { note: 'an unknown verb', words: ['chekc'], status: 2, says: 'Did you mean check' },
    { note: 'too many arguments', words: ['check', 'a', 'b'], status: 2, says: 'too many arguments' },
    { note: 'a good policy', words: ['check', 'examples/quickstart'], status: 0, says: '4 rules, 0 warnings' },
    { note: 'a good policy in words', words: ['check', 'examples/quickstart', '--sentences'], status: 0, says: 'second factor' },
    { note: 'no policy', words: ['check', EMPTY], status: 1, says: 'error' },
    { note: 'cases pass', words: ['test', 'examples/console'], status: 0, says: '0 failed' },
    { note: 'the demo policy passes its cases', words: ['test', 'packages/balustrade/demo-policy'], status: 0, says: '0 failed' },
    {
      note: 'an allowed request',
      words: ['explain', 'GET https://notes.example.com/notes/7', '--as', 'group: [members]', '--policy', 'examples/quickstart'],
      status: 0,
      says: 'decision: allow by members-read',
    },
    {
      note: 'a refused request',
      words: ['explain', 'PUT https://notes.example.com/notes/7', '--as', 'group: [editors]', '--policy', 'examples/quickstart'],
      status: 1,
      says: 'would be allowed after: prove a second factor',
    },
    {
      note: 'words that say nothing',
      words: ['explain', 'GET https://notes.example.com/', '--as', 'grupo: [x]', '--policy', 'examples/quickstart'],
      status: 2,
      says: 'grupo',
    },
    {
      note: 'a case',
      words: ['explain', 'members read', '--case', '--policy', 'examples/quickstart'],
      status: 0,
      says: 'decision: allow',
    },
    { note: 'a missing configuration', words: ['serve', '--config', 'nowhere.yaml'], status: 2, says: 'config.unreadable' },
    { note: 'a log that is not there', words: ['log', 'verify', EMPTY, '--key', 'x'], status: 2, says: 'neither a verifier key' },
  ])('$note', ({ words, status, says }) => {
    const got = run(...words)
    expect(got.stdout + got.stderr).toContain(says)
    expect(got.status).toBe(status)
  })

  test('check prints diagnostics with frames, and as JSON', () => {
    const got = spawnSync(process.execPath, ['--conditions=source', MAIN, 'init', BROKEN, '--yes'], { encoding: 'utf8' })
    expect(got.status).toBe(0)
    writeFileSync(
      join(BROKEN, 'policy', 'extra.yaml'),
      'balustrade: 1\ngrants:\n  x:\n    who: { grupo: a }\n    what: { service: app }\n',
    )
    const text = run('check', join(BROKEN, 'policy'))
    expect(text.status).toBe(1)
    expect(text.stdout).toContain('extra.yaml:4')
    const json = JSON.parse(run('check', join(BROKEN, 'policy'), '--json').stdout) as {
      readonly ok: boolean
      readonly diagnostics: readonly unknown[]
    }
    expect(json.ok).toBe(false)
    expect(json.diagnostics.length).toBeGreaterThan(0)
  })

  test('init writes what check accepts and test passes, with keys nobody else can read, and never overwrites', () => {
    const place = join(folder, 'fresh')
    expect(run('init', place, '--host', 'shop.example.com', '--yes').status).toBe(0)
    expect(run('check', join(place, 'policy')).status).toBe(0)
    expect(run('test', join(place, 'policy')).status).toBe(0)
    expect(statSync(join(place, 'keys', 'log.pem')).mode & 0o077).toBe(0)
    expect(run('init', place, '--yes').status).toBe(2)
  })

  test('a failing case is told with its explanation, and in JUnit', () => {
    const place = join(folder, 'failing')
    run('init', place, '--yes')
    writeFileSync(
      join(place, 'policy', 'cases.yaml'),
      'balustrade: 1\ncases:\n  - note: strangers <get> in\n    request: GET https://app.example.com/\n    as: { user: corp/sam }\n    expect: allow\n',
    )
    const report = join(place, 'report.xml')
    const got = run('test', join(place, 'policy'), '--junit', report)
    expect(got.status).toBe(1)
    expect(got.stdout).toContain('expected allow, got deny')
    expect(got.stdout).toContain('rules about this request')
    expect(existsSync(report)).toBe(true)
  })
})
