import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balustrade } from '../../../../test/support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-check-'))
const place = join(folder, 'place')
const policy = join(place, 'policy')
beforeAll(async () => {
  expect((await balustrade('init', place, '--yes')).status).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('check', () => {
  test('tells everything that is wrong at once, in every file, with frames', async () => {
    writeFileSync(join(policy, 'a.yaml'), 'balustrade: 1\ngrants:\n  x:\n    who: { grupo: a }\n    what: { service: app }\n')
    writeFileSync(join(policy, 'b.yaml'), 'balustrade: 1\ngroups: [members]\nnonsense: 1\n')
    const got = await balustrade('check', policy)
    expect(got.status).toBe(1)
    expect(got.stdout).toContain('a.yaml:4:')
    expect(got.stdout).toContain('who: { grupo: a }')
    expect(got.stdout).toContain('b.yaml:3:')
    const json = JSON.parse((await balustrade('check', policy, '--json')).stdout) as {
      readonly ok: boolean
      readonly diagnostics: readonly { readonly file: string }[]
    }
    expect(json.ok).toBe(false)
    expect(new Set(json.diagnostics.map(({ file }) => file))).toEqual(new Set(['a.yaml', 'b.yaml']))
    rmSync(join(policy, 'a.yaml'))
    rmSync(join(policy, 'b.yaml'))
  })

  test('says every rule in English, as JSON too', async () => {
    const json = JSON.parse((await balustrade('check', policy, '--sentences', '--json')).stdout) as {
      readonly sentences: readonly { readonly rule: string; readonly sentence: string }[]
    }
    expect(json.sentences.map(({ rule }) => rule)).toEqual(['members-use-the-service', 'people-change-with-a-second-factor'])
  })
})

describe('check --against', () => {
  const repository = join(folder, 'repository')
  const here = join(repository, 'policy')
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words])
  const GUARDRAIL = /guardrails:[\s\S]*$/

  beforeAll(async () => {
    expect((await balustrade('init', repository, '--yes')).status).toBe(0)
    git('init', '-q')
    git('add', 'policy')
    git('commit', '-q', '-m', 'first')
    const rules = readdirSync(here).find((name) => GUARDRAIL.test(readFileSync(join(here, name), 'utf8'))) ?? ''
    writeFileSync(join(here, rules), readFileSync(join(here, rules), 'utf8').replace(GUARDRAIL, ''))
  })

  test.each([
    { note: 'the folder as a revision has it', base: 'git:HEAD' },
    { note: 'a folder of a revision', base: 'HEAD:policy' },
    { note: 'a folder', base: policy },
  ])('$note: a guardrail less is refused, with the case that shows it', async ({ base }) => {
    const got = await balustrade('check', here, '--against', base)
    expect(got.stdout).toContain('weakening[guardrail.removed]')
    expect(got.stdout).toContain('expect: allow')
    expect(got.stdout).toContain('Weakening is refused')
    expect(got.status).toBe(1)
  })

  test('it is allowed by a ticket, which is printed', async () => {
    const got = await balustrade('check', here, '--against', 'git:HEAD', '--allow-weakening', 'SEC-812')
    expect(got.stdout).toContain('Weakening is allowed by SEC-812.')
    expect(got.status).toBe(0)
    const json = await balustrade('check', here, '--against', 'git:HEAD', '--allow-weakening', 'SEC-812', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      against: { base: 'git:HEAD', allowedBy: 'SEC-812', changes: [{ weight: 'weakening', witness: { expect: 'allow' } }] },
    })
  })

  test.each([
    { note: 'no such revision', words: ['--against', 'git:nowhere'], says: 'git knows no such folder' },
    { note: 'no such folder', words: ['--against', 'nowhere'], says: 'There is no folder nowhere' },
    { note: 'words for git', words: ['--against', '--output=x:policy'], says: 'git knows no such folder' },
    { note: 'a ticket for nothing', words: ['--allow-weakening', 'SEC-1'], says: 'Weaker than what' },
    { note: 'no ticket', words: ['--against', 'git:HEAD', '--allow-weakening', 'not so'], says: 'Write the ticket' },
  ])('$note', async ({ words, says }) => {
    const got = await balustrade('check', here, ...words)
    expect(got.stderr).toContain(says)
    expect(got.status).toBe(2)
  })
})

describe('test', () => {
  const cases = join(policy, 'cases.yaml')
  test('a failing case tells what was expected, what came and why, in JUnit and JSON too', async () => {
    writeFileSync(
      cases,
      'balustrade: 1\ncases:\n  - note: strangers <get> in\n    request: GET https://app.example.com/\n    as: { user: corp/sam }\n    expect: allow\n',
    )
    const report = join(folder, 'report.xml')
    const got = await balustrade('test', policy, '--junit', report)
    expect(got.status).toBe(1)
    expect(got.stdout).toContain('FAIL strangers <get> in (cases.yaml:3:5)')
    expect(got.stdout).toContain('expected allow, got deny because grant.none')
    expect(got.stdout).toContain('grant members-use-the-service: not selected, who.group: unmet')
    expect(got.stdout).toContain('2 passed, 1 failed')
    const xml = readFileSync(report, 'utf8')
    expect(xml).toContain('tests="3" failures="1"')
    expect(xml).toContain('name="strangers &lt;get&gt; in"')
    const json = JSON.parse((await balustrade('test', policy, '--json')).stdout) as {
      readonly ok: boolean
      readonly failed: number
    }
    expect(json).toMatchObject({ ok: false, failed: 1 })
  })

  test('a case may expect a refusal that comes before rules', async () => {
    writeFileSync(
      cases,
      'balustrade: 1\ncases:\n  - note: no dots\n    request: GET https://app.example.com/a/../b\n    expect: deny\n    because: [request.dot_segment]\n  - note: nobody\n    request: GET https://b.example.com/\n    expect: deny\n    because: [service.none]\n',
    )
    const got = await balustrade('test', policy)
    expect(got.stdout).toContain('4 passed, 0 failed')
  })

  test('tables are written by --update, and then pass', async () => {
    const matrix = (expect: string) =>
      `balustrade: 1\nmatrix:\n  service: app\n  callers: { anonymous: {}, member: { group: [members] } }\n  requests: [GET /, POST /]\n  expect: ${expect}\n`
    writeFileSync(cases, matrix('none'))
    const first = await balustrade('test', policy)
    expect(first.status).toBe(1)
    expect(first.stdout).toContain('the table is not as kept')
    expect(first.stdout).toContain('+ GET /   | challenge login.required | allow')
    expect((await balustrade('test', policy, '--update')).status).toBe(0)
    expect(readFileSync(cases, 'utf8')).toContain('    POST /  | challenge login.required | challenge mfa.missing\n')
    expect((await balustrade('test', policy)).status).toBe(0)
  })
})
