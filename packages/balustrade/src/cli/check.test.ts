import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
