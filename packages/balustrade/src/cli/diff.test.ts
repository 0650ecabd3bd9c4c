import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balustrade } from '../../../../test/support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-diff-'))
const policy = join(folder, 'policy')
const overlay = (name: string, text: string): void =>
  writeFileSync(join(policy, 'environments', `${name}.yaml`), `balustrade: 1\n${text}`)

beforeAll(async () => {
  expect((await balustrade('init', folder, '--yes')).status).toBe(0)
  mkdirSync(join(policy, 'environments'))
  overlay('one', 'x-note: as it is\n')
  overlay('same', 'x-note: as it is as well\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const diff = (...words: readonly string[]) => balustrade('diff', ...words, '--policy', policy)

describe('diff', () => {
  test.each([{ words: ['one', 'same'] }, { words: ['one', 'one'] }, { words: ['-', 'one'] }])(
    '$words decide alike',
    async ({ words }) => {
      const got = await diff(...words)
      expect([got.status, got.stderr]).toEqual([0, ''])
      expect(got.stdout).toMatch(/^0 differences between .+, 0 differing values\n$/)
    },
  )

  test('a rule in an environment is refused at its place, and told once', async () => {
    overlay('rule', 'guardrails: { a: { how: never } }\n')
    const got = await diff('one', 'rule')
    expect([got.status, got.stdout]).toEqual([2, ''])
    expect(got.stderr.match(/environments\/rule\.yaml:2:1 error\[environment\.not_allowed\]/g)).toHaveLength(1)
    const json = await diff('one', 'rule', '--json')
    expect(json.status).toBe(2)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, diagnostics: [{ code: 'environment.not_allowed', line: 2 }] })
    rmSync(join(policy, 'environments', 'rule.yaml'))
  })

  test.each([
    { note: 'no such environment', words: ['one', 'nowhere'], says: 'environment.unknown' },
    { note: 'one environment alone', words: ['one'], says: "missing required argument 'other'" },
  ])('$note', async ({ words, says }) => {
    const got = await diff(...words)
    expect(got.stderr).toContain(says)
    expect([got.status, got.stdout]).toEqual([2, ''])
  })
})
